namespace Pulumi.Blanket.Lab;

/// <summary>Why the lab refused or failed; a closed set, so that callers can tell a mistake from a fault.</summary>
public enum LabFailure
{
    /// <summary>The lab file, a flag or a name is wrong: the user mends it.</summary>
    InvalidInput,

    /// <summary>The machine lacks what a lab needs: root, a package, a kernel feature, a suitable folder.</summary>
    UnmetRequirement,

    /// <summary>No lab, host or guest of that name.</summary>
    NotFound,

    /// <summary>The lab exists and is not what was asked for, or the machine changed under it.</summary>
    Conflict,

    /// <summary>A command that the lab ran failed.</summary>
    CommandFailed,

    /// <summary>A host or guest did not come up in time.</summary>
    TimedOut,
}
