namespace Pulumi.Blanket.Agent.Moving;

/// <summary>Why a machine can't go to its target yet, in words. Pure.</summary>
internal static class MoveObstacle
{
    /// <param name="name">Of the machine.</param>
    /// <param name="target">Name of the member.</param>
    /// <param name="lacking">What there is too little of; empty: it waits only until others have arrived.</param>
    /// <param name="moving">Machines that make way, and go on doing so.</param>
    /// <param name="ahead">Machines that would make way, also those that can't go on.</param>
    /// <param name="silent">Names of members that do not answer.</param>
    /// <param name="partner">A machine that waits for the place of this one.</param>
    /// <param name="mayYield">One of the two may stand still meanwhile, and that does not help.</param>
    public static string Describe(
        string name, string target, IReadOnlyCollection<string> lacking, IReadOnlyCollection<string> moving, IReadOnlyCollection<string> ahead, IReadOnlyCollection<string> silent, string? partner, bool mayYield = false)
    {
        var stuck = silent.Count > 0 ? $" ({string.Join(", ", silent.Order(StringComparer.Ordinal))} {(silent.Count == 1 ? "does" : "do")} not answer)" : "";
        if (lacking.Count == 0)
        {
            return $"{name} waits until {string.Join(", ", ahead)} {(ahead.Count == 1 ? "has" : "have")} arrived{stuck}";
        }

        var why = moving.Count > 0 ? $"; it waits for {string.Join(", ", moving)} to leave"
            : ahead.Count > 0 ? $"; {string.Join(", ", ahead)} would leave, but can't go on{stuck}"
            : partner is not null ? $"; it and {partner} wait for each other's place, no third host has room for either, and {(mayYield ? "there is none for the disks of both on one" : "neither may stand still meanwhile (`migration.mode: suspend`)")}"
            : $", and no machine is leaving it{stuck}";
        return $"{name} has no room on {target}: {string.Join(", ", lacking)}{why}";
    }

    /// <summary>For a machine that can't go live.</summary>
    public const string OfflineRemedy = "`migration.mode: cold` would take it there, shut down meanwhile; `migration.allowOffline: true` does that wherever live is not possible";

    /// <param name="record">At the source, of a move that failed.</param>
    public static string WhereItIs(MoveRecord record) => record.PlaceIsTaken ? "stays off where it was, since another one has its place by now (the next update takes it along)" : "is where it was";

    /// <summary>What to do about it.</summary>
    public static string Remedy(bool isLacking, bool isSilent)
        => isSilent ? "bring up what does not answer, and run it again; where it is destroyed for good, say so in the provider's `lostHosts`"
            : !isLacking ? "run it again once they have arrived"
            : "make it smaller, move or delete others first, or raise the host's `limit` or `oversubscription`";
}
