using Google.Protobuf;
using Grpc.Core;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Reach;

namespace Pulumi.Blanket.Provider.Agents;

/// <content>Ways to a VM on the member: its ports and its console.</content>
internal sealed partial class AgentClient
{
    private const int ReachBufferBytes = 32_768;

    /// <summary>Of what a VM said before its console was opened.</summary>
    private const int ConsoleLogBytes = 16_384;

    /// <summary>Joins streams to a TCP port of a VM, until the VM ends it. The end of what is read is passed on.</summary>
    /// <exception cref="ProviderException">The VM does not run, has no such address, or does not take the connection.</exception>
    public Task DialAsync(ReachArguments to, IByteStreams user, CancellationToken cancellationToken) => JoinAsync(
        _machines.Dial,
        new DialRequest { Target = new DialTarget { Uuid = to.Vm, Address = to.Address, Port = (uint)to.Port } },
        static data => new DialRequest { Data = data },
        static reply => reply.PartCase == DialReply.PartOneofCase.Dialled ? ByteString.Empty : null,
        static reply => reply.Data,
        user, cancellationToken);

    /// <summary>Joins streams to a VM's console, until either side ends it; first comes what the VM said before.</summary>
    /// <param name="opened">Is told the VM's name, before anything is written.</param>
    /// <exception cref="ProviderException">The VM does not run, or somebody has its console open.</exception>
    public Task OpenConsoleAsync(ReachArguments to, IByteStreams user, Action<string> opened, CancellationToken cancellationToken) => JoinAsync(
        _machines.OpenConsole,
        new ConsoleRequest { Target = new ConsoleTarget { Uuid = to.Vm, Force = to.Force, LogBytes = ConsoleLogBytes } },
        static data => new ConsoleRequest { Data = data },
        reply =>
        {
            if (reply.Opened is not { } console)
            {
                return null;
            }

            opened(console.Name);
            return console.Log;
        },
        static reply => reply.Data,
        user, cancellationToken);

    /// <param name="open">What the first reply has to show; null where it is not what a first reply is.</param>
    private async Task JoinAsync<TRequest, TReply>(
        Func<CallOptions, AsyncDuplexStreamingCall<TRequest, TReply>> begin, TRequest target, Func<ByteString, TRequest> wrap, Func<TReply, ByteString?> open, Func<TReply, ByteString> unwrap,
        IByteStreams user, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            using var call = begin(Options(end.Token));
            await call.RequestStream.WriteAsync(target, end.Token);
            if (!await call.ResponseStream.MoveNext(end.Token) || open(call.ResponseStream.Current) is not { } first)
            {
                throw new ProviderException(FailureReason.Bug, $"host {host}: its agent did not say that the way is open; please report it");
            }

            await user.WriteAsync(first.Memory, end.Token);

            // Not waited for: whoever waits for a key can't be told to stop.
            _ = SendAsync(user, call.RequestStream, wrap, end.Token);
            await foreach (var reply in call.ResponseStream.ReadAllAsync(end.Token))
            {
                await user.WriteAsync(unwrap(reply).Memory, end.Token);
            }
        }
        catch (RpcException fault)
        {
            throw Failure(fault, cancellationToken);
        }
        catch (IOException)
        {
            // Nobody reads any more, which is the user's way to end it.
        }
        finally
        {
            await end.CancelAsync();
        }
    }

    private static async Task SendAsync<TRequest>(IByteStreams from, IClientStreamWriter<TRequest> to, Func<ByteString, TRequest> wrap, CancellationToken cancellationToken)
    {
        var buffer = new byte[ReachBufferBytes];
        try
        {
            while (await from.ReadAsync(buffer) is > 0 and var count)
            {
                // Serialised before the call returns, so that the buffer can be used again.
                await to.WriteAsync(wrap(UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, count))), cancellationToken);
            }

            await to.CompleteAsync();
        }
        catch (Exception fault) when (fault is RpcException or InvalidOperationException or OperationCanceledException or IOException)
        {
            // The call's other direction tells why it is over.
        }
    }
}
