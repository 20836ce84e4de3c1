using Pulumi.Blanket.Protocol;

namespace Pulumi.Blanket.Provider;

/// <summary>The inputs to keep, and all that is wrong with them.</summary>
internal sealed record CheckAnswer(ObjectValue Inputs, IReadOnlyList<InputFault> Faults);
