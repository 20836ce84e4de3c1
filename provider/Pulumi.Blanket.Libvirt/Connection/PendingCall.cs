using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Connection;

/// <summary>A call that waits for its reply. It holds its place among the calls in flight until the reply comes, whether or not somebody still waits for it.</summary>
internal abstract class PendingCall(Procedure procedure, uint serial)
{
    private const int Queued = 0;
    private const int Sent = 1;
    private const int Withdrawn = 2;

    private int _state;

    public Procedure Procedure { get; } = procedure;

    public uint Serial { get; } = serial;

    public bool WasSent => Volatile.Read(ref _state) == Sent;

    /// <summary>From now on the request counts as sent; false if it was withdrawn before.</summary>
    public bool TrySend() => Interlocked.CompareExchange(ref _state, Sent, Queued) == Queued;

    /// <summary>Takes the request back; false if it is on its way already.</summary>
    public bool TryWithdraw() => Interlocked.CompareExchange(ref _state, Withdrawn, Queued) == Queued;

    /// <exception cref="LibvirtException">The reply can't be read.</exception>
    public abstract void Complete(Message reply);

    public abstract void Fail(LibvirtException fault);
}
