namespace Pulumi.Blanket.Engine;

/// <summary>Why the engine can't go on: a closed set, from which the command takes its exit code.</summary>
public enum EngineFailure
{
    /// <summary>What the user gave (a flag, a name, a file) can't be used as it is.</summary>
    InvalidInput,

    /// <summary>The program, or the project or stack file, is wrong.</summary>
    InvalidProgram,

    /// <summary>A stack, project, resource or plugin that was named is not there.</summary>
    NotFound,

    /// <summary>Somebody else holds the stack.</summary>
    Locked,

    /// <summary>The passphrase is missing or wrong.</summary>
    Secrets,

    /// <summary>The state can't be read, or not by this version.</summary>
    InvalidState,

    /// <summary>The state's folder or file can't be written; what was there before is whole.</summary>
    Storage,

    /// <summary>A plugin could not be started, or broke off.</summary>
    Plugin,

    /// <summary>Resources could not be brought to what the program says; what was reached is in the state.</summary>
    Deployment,

    /// <summary>The user, or whoever runs the command, ended it.</summary>
    Cancelled,
}
