using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Tests.Support;

/// <summary>Inputs with one thing wrong.</summary>
/// <param name="Path">Where.</param>
/// <param name="Shown">What a message says it is.</param>
/// <param name="Requirement">What a message says it must be.</param>
/// <param name="IsSecret">Then it is not shown.</param>
internal sealed record BadInput(PropertyValue Inputs, PropertyPath Path, string Shown, string Requirement, bool IsSecret);
