using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;

namespace Pulumi.Blanket.Provider.Resources;

/// <summary>The inputs to keep, and all that is wrong with them.</summary>
internal sealed record CheckAnswer(ObjectValue Inputs, IReadOnlyList<InputFault> Faults);
