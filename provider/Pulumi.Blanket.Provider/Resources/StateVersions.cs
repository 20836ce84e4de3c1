using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Errors;

namespace Pulumi.Blanket.Provider.Resources;

/// <summary>
/// Every state carries the version of its form. Upgrade number n of a resource's table leads from version n to n+1, so that a state of any age is read.
/// </summary>
internal static class StateVersions
{
    public const string Property = "schemaVersion";

    /// <summary>State and old inputs in today's form.</summary>
    /// <exception cref="ProviderException">A newer provider wrote the state.</exception>
    public static (ObjectValue State, ObjectValue Inputs) Upgrade(string type, IReadOnlyList<StateUpgrade> upgrades, ObjectValue state, ObjectValue inputs)
    {
        var current = upgrades.Count + 1;
        var version = state[Property]?.Bare is NumberValue { Number: var number } ? (int)number : state.Properties.IsEmpty ? current : 1;
        if (version > current)
        {
            throw new ProviderException(
                FailureReason.Precondition,
                $"the state of this {type} has version {version}, and this provider ({PluginVersion.Current}) reads versions up to {current}; use the provider's version that wrote it, or a newer one");
        }

        foreach (var upgrade in upgrades.Skip(Math.Max(version, 1) - 1))
        {
            state = upgrade.State(state);
            inputs = upgrade.Inputs is null ? inputs : upgrade.Inputs(inputs);
        }

        return (state, inputs);
    }
}
