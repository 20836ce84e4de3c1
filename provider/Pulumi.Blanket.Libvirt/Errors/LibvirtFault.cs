namespace Pulumi.Blanket.Libvirt.Errors;

/// <summary>Why a call to libvirt failed; a closed set, so that callers can tell an answer from a broken connection.</summary>
public enum LibvirtFault
{
    /// <summary>libvirt answered, with an error: its code, domain and message are in the exception.</summary>
    Rejected,

    /// <summary>There was no connection, and none came about in time: libvirtd is not there, or its socket can't be opened.</summary>
    ConnectFailed,

    /// <summary>libvirtd wants a proof of identity that this process can't give.</summary>
    AuthenticationFailed,

    /// <summary>The connection ended, from the other side or by an error of the stream.</summary>
    ConnectionLost,

    /// <summary>The connection is open, but the other side has been silent for longer than the keepalive allows.</summary>
    Unresponsive,

    /// <summary>The call was not answered within its deadline; the connection is fine.</summary>
    DeadlineExceeded,

    /// <summary>The other side sent what is not libvirt's protocol.</summary>
    Protocol,

    /// <summary>The connection or client was closed by its owner.</summary>
    Closed,
}
