using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Resources;

/// <summary>What an operation answers about a resource.</summary>
/// <param name="Id">Empty in the preview of a create, and for what is gone.</param>
/// <param name="Inputs">Answered by reads.</param>
internal sealed record StateAnswer(string Id, ObjectValue State, ObjectValue Inputs);
