namespace Pulumi.Blanket.Provider.Reach;

/// <summary>Which VM the verbs <c>reach</c> and <c>console</c> are about, and how.</summary>
internal sealed record ReachArguments
{
    public const int DefaultPort = 22;

    /// <summary>The VM's UUID, the id of its resource.</summary>
    public string Vm { get; init; } = "";

    /// <summary>One that the VM has; empty: its first.</summary>
    public string Address { get; init; } = "";

    public int Port { get; init; } = DefaultPort;

    /// <summary>Takes the console over from whoever has it open.</summary>
    public bool Force { get; init; }
}
