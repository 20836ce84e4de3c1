using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Connection;

/// <summary>A pending call whose reply has a type.</summary>
internal sealed class TypedPendingCall<T>(Procedure procedure, uint serial, XdrDecoder<T> decode) : PendingCall(procedure, serial)
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Result => _result.Task;

    public override void Complete(Message reply)
    {
        XdrReader reader = new(reply.Payload.Span);
        if (reply.Header.Status is MessageStatus.Ok)
        {
            _result.TrySetResult(decode(ref reader));
        }
        else
        {
            _result.TrySetException(new LibvirtException(Procedure.Name, RemoteError.Read(ref reader)));
        }
    }

    public override void Fail(LibvirtException fault) => _result.TrySetException(fault.ForCall(Procedure.Name, WasSent));
}
