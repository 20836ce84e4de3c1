using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>What moves that are not closed yet mean for the machines of this member.</summary>
internal interface IOpenMoves
{
    /// <summary>SHA-256 of the images that arriving machines need.</summary>
    IEnumerable<string> UsedImages { get; }

    /// <summary>True for a machine that may be arriving here, and is not this member's yet; or that is handed over, and is not this member's any more.</summary>
    bool IsElsewhere(string uuid);

    /// <summary>True for a machine that must not be started or changed, since it is not known whose it is.</summary>
    bool IsUndecided(string uuid);

    /// <summary>The name of one whose move is open, for a message.</summary>
    /// <exception cref="AgentException">The record of its move can't be read.</exception>
    string NameOf(string uuid);

    /// <summary>As a machine was when its move began, where it is off and its files are on their way; null for any other.</summary>
    MachineView? FindCarried(string uuid);

    /// <summary>The same of one that is leaving, and may have no domain here any more.</summary>
    MachineView? FindLeaving(string uuid);
}
