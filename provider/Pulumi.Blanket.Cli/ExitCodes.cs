namespace Pulumi.Blanket.Cli;

/// <summary>What the command's exit code says. Commands that run another (<c>lab exec</c>, <c>lab ssh</c>) pass on its code.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>It was right to ask, and it failed.</summary>
    public const int Failure = 1;

    /// <summary>The command line, a file or the machine is not as it has to be; what was begun was taken back.</summary>
    public const int Usage = 2;

    /// <summary>Ended by Ctrl-C.</summary>
    public const int Interrupted = 130;
}
