namespace Pulumi.Blanket.Provider.Ssh.Connections;

/// <summary>What is known of the way to a host that does not answer.</summary>
internal enum PathState
{
    /// <summary>Nothing.</summary>
    Unknown,

    /// <summary>Its kernel, or that of the first machine on the way, acknowledges what is sent: it is slow.</summary>
    Acknowledging,

    /// <summary>What is sent gets nowhere.</summary>
    Dead,
}
