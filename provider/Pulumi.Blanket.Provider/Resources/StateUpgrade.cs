using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Resources;

/// <summary>One step from one version of a resource's state to the next.</summary>
/// <param name="State">Turns the whole state, inputs included.</param>
/// <param name="Inputs">Turns old inputs; null where they stay.</param>
internal sealed record StateUpgrade(Func<ObjectValue, ObjectValue> State, Func<ObjectValue, ObjectValue>? Inputs = null);
