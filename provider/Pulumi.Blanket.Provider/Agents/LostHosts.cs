namespace Pulumi.Blanket.Provider;

/// <summary>The user's word that machines are destroyed.</summary>
internal static class LostHosts
{
    public static bool Has(ProviderConfiguration configuration, string machineId, string? name)
        => configuration.Settings.LostHosts is { } lost && (lost.Contains(machineId) || (name is not null && lost.Contains(name)));

    /// <summary>What to say of a host that does not answer.</summary>
    public const string Remedy = "if the machine is destroyed for good, say so in the provider's `lostHosts`";
}
