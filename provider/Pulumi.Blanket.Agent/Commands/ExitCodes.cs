namespace Pulumi.Blanket.Agent.Commands;

/// <summary>What the plugin, or a person, is told by an exit code.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    public const int Failed = 1;

    public const int Usage = 2;

    /// <summary>The agent is installed and does not run.</summary>
    public const int NotRunning = 3;

    /// <summary>A newer agent is installed.</summary>
    public const int Newer = 4;

    /// <summary>The file is not what was sent.</summary>
    public const int Damaged = 5;
}
