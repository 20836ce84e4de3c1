namespace Pulumi.Blanket.Lab.Network;

/// <summary>What of the WAN changes while a lab runs. Kept in the lab's folder, so that every command sees the same.</summary>
public sealed record WanState
{
    /// <summary>Rate of each host's link in Mbit/s, by host.</summary>
    public Dictionary<string, int> RatesMbps { get; init; } = [];

    /// <summary>What is cut: a host by itself, or a pair in alphabetical order.</summary>
    public HashSet<WanCut> Cuts { get; init; } = [];

    /// <summary>Which host answers at another's address instead of it: the owner, then the one that took it.</summary>
    public Dictionary<string, string> TakenAddresses { get; init; } = [];
}
