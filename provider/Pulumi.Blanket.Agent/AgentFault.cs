namespace Pulumi.Blanket.Agent;

/// <summary>Why the agent could not do what it was asked; mapped once to a gRPC code, in <see cref="Serving.CallInterceptor"/>.</summary>
internal enum AgentFault
{
    /// <summary>The request itself makes no sense.</summary>
    BadRequest,

    /// <summary>The host, or the fabric, is not in a state in which it can be done; somebody has to change that first.</summary>
    NotPossible,

    /// <summary>There is no room for it right now; there may be once others have left.</summary>
    NoRoom,

    /// <summary>Somebody else changed the same thing meanwhile; look again and repeat.</summary>
    Changed,

    /// <summary>What it needs does not answer right now: libvirt, a peer, a package repository.</summary>
    Unavailable,

    /// <summary>Only root on the host may ask this.</summary>
    NotAllowed,
}
