using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Connection;

internal sealed partial class LibvirtConnection
{
    /// <summary>Makes a call, once fewer than <see cref="MaxCallsInFlight"/> are in flight.</summary>
    /// <param name="timeout">For waiting and answer together; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    /// <exception cref="ArgumentException">The arguments can't be sent.</exception>
    /// <exception cref="LibvirtException">libvirt refused, the connection is over, or time is up. A cancelled or late call may happen nevertheless, and keeps its place in flight until libvirtd has answered it.</exception>
    public async Task<T> CallAsync<T>(Procedure procedure, Action<XdrWriter>? arguments, XdrDecoder<T> decode, TimeSpan timeout, CancellationToken cancellationToken)
    {
        XdrWriter writer = new();
        arguments?.Invoke(writer);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _lifetime.Token);
        limit.CancelAfter(timeout);
        try
        {
            await _slots.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw Explain(procedure, null, timeout, cancellationToken);
        }

        var call = Enlist(procedure, decode);
        if (call is null)
        {
            throw Explain(procedure, null, timeout, cancellationToken);
        }

        byte[] bytes;
        try
        {
            bytes = Message.ToBytes(new MessageHeader(procedure.Program, Procedures.Version, procedure.Number, MessageType.Call, call.Serial, MessageStatus.Ok), writer.Written);
        }
        catch (ArgumentException)
        {
            Release(call);
            throw;
        }

        // Not awaited: who gives up a call must not wait for a stream that is stuck, nor leave half a message in it.
        _ = SendCallAsync(call, bytes);
        try
        {
            // The lifetime ends with the call's own failure: of the two the call's says more.
            return await call.Result.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            if (call.TryWithdraw())
            {
                Release(call);
            }

            if (call.Result.IsCompleted)
            {
                return await call.Result;
            }

            // Nobody waits any more: a failure that comes later is nobody's.
            _ = call.Result.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw Explain(procedure, call, timeout, cancellationToken);
        }
    }

    private TypedPendingCall<T>? Enlist<T>(Procedure procedure, XdrDecoder<T> decode)
    {
        lock (_gate)
        {
            if (_fault is not null)
            {
                return null;
            }

            TypedPendingCall<T> call = new(procedure, ++_serial, decode);
            _pending.Add(call.Serial, call);
            if (procedure == _streaming)
            {
                _streamSerial = call.Serial;
            }

            return call;
        }
    }

    private void Release(PendingCall call)
    {
        bool found;
        lock (_gate)
        {
            found = _pending.Remove(call.Serial);
        }

        if (found)
        {
            _slots.Release();
        }
    }

    private Exception Explain(Procedure procedure, PendingCall? call, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var sent = call?.WasSent ?? false;
        if (cancellationToken.IsCancellationRequested)
        {
            return new OperationCanceledException($"{procedure} was cancelled {(sent ? "after" : "before")} it was sent", cancellationToken);
        }

        LibvirtException? fault;
        lock (_gate)
        {
            fault = _fault;
        }

        return fault?.ForCall(procedure.Name, sent)
            ?? new LibvirtException(LibvirtFault.DeadlineExceeded,
                sent ? $"libvirtd did not answer {procedure} within {timeout.TotalSeconds:0.#} s; it may still carry it out"
                    : $"{procedure} could not be sent within {timeout.TotalSeconds:0.#} s, since {MaxCallsInFlight} earlier calls were not answered",
                requestSent: sent);
    }

    private async Task SendCallAsync(PendingCall call, byte[] bytes)
    {
        try
        {
            await _writing.WaitAsync(_lifetime.Token);
            try
            {
                if (call.TrySend())
                {
                    await _stream.WriteAsync(bytes, _lifetime.Token);
                    await _stream.FlushAsync(_lifetime.Token);
                }
            }
            finally
            {
                _writing.Release();
            }
        }
        catch (Exception fault)
        {
            End(Lost(fault));
        }
    }

    private static LibvirtException Lost(Exception fault)
        => new(LibvirtFault.ConnectionLost, $"the connection to libvirtd was lost: {fault.Message}", fault);
}
