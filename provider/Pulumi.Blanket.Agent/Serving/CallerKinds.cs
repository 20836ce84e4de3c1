namespace Pulumi.Blanket.Agent.Serving;

/// <summary>Who may be at the other end of a call.</summary>
[Flags]
internal enum CallerKinds
{
    None = 0,

    /// <summary>Root on this host, over the agent's socket.</summary>
    Root = 1,

    /// <summary>Whoever holds the fabric's connection: the account over this host's socket, or over that of another member, which passed the call on.</summary>
    Account = 2,

    /// <summary>Another member of the fabric, over the mesh.</summary>
    Member = 4,
}
