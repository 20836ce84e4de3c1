using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Machines;

/// <content>Ways to a machine: its ports and its console. Each side is read only as fast as the other takes it.</content>
internal sealed partial class MachineService
{
    private const int BufferBytes = 32_768;

    [OpenEnded]
    public override async Task Dial(IAsyncStreamReader<DialRequest> requestStream, IServerStreamWriter<DialReply> responseStream, ServerCallContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, host.ApplicationStopping);
        if (!await requestStream.MoveNext(end.Token) || requestStream.Current.Target is not { } target)
        {
            throw new AgentException(AgentFault.BadRequest, "a call to a machine begins with its name");
        }

        using var dialled = await dialer.DialAsync(await FindAsync(target.Uuid, end.Token), target.Address, checked((int)Math.Min(target.Port, int.MaxValue)), end.Token);
        await responseStream.WriteAsync(new DialReply { Dialled = new Dialled { Address = dialled.Address } }, end.Token);
        var there = SendAsync(requestStream, dialled.Socket, end.Token);
        try
        {
            var buffer = new byte[BufferBytes];
            while (await dialled.Socket.ReceiveAsync(buffer, end.Token) is > 0 and var count)
            {
                await responseStream.WriteAsync(new DialReply { Data = ByteString.CopyFrom(buffer, 0, count) }, end.Token);
            }
        }
        catch (SocketException fault)
        {
            throw new AgentException(AgentFault.Unavailable, $"{dialled.Name} broke the connection off ({dialled.Address}): {fault.Message}", fault);
        }
        finally
        {
            await end.CancelAsync();
            await there.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [OpenEnded]
    public override async Task OpenConsole(IAsyncStreamReader<ConsoleRequest> requestStream, IServerStreamWriter<ConsoleReply> responseStream, ServerCallContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, host.ApplicationStopping);
        if (!await requestStream.MoveNext(end.Token) || requestStream.Current.Target is not { } target)
        {
            throw new AgentException(AgentFault.BadRequest, "a call to a machine's console begins with its name");
        }

        var machine = await FindAsync(target.Uuid, end.Token);
        await using var opened = await consoles.OpenAsync(machine, target.Force, end.Token);
        using var takenOver = opened.TakenOver.Register(end.Cancel);

        // The log after the opening: what the machine says in between is shown twice rather than not at all.
        var log = await ConsoleLogAsync(machine.Uuid, target.LogBytes, wholeLines: true, end.Token);
        await responseStream.WriteAsync(new ConsoleReply { Opened = new ConsoleOpened { Name = machine.Record.Spec.Name, Log = ByteString.CopyFrom(log.Span) } }, end.Token);
        var back = ShowAsync(opened.Console, responseStream, end.Token);
        var there = TypeAsync(requestStream, opened.Console, end.Token);
        try
        {
            await await Task.WhenAny(there, back);
        }
        catch (OperationCanceledException) when (opened.TakenOver.IsCancellationRequested)
        {
            throw TakenOver(machine);
        }
        catch (LibvirtException) when (opened.TakenOver.IsCancellationRequested)
        {
            throw TakenOver(machine);
        }
        catch (LibvirtException)
        {
            // libvirt calls it a failure when a machine ends.
            if (await catalog.FindAsync(machine.Uuid, context.CancellationToken) is { IsActive: true })
            {
                throw;
            }
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(there, back).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static AgentException TakenOver(FoundMachine machine) => new(AgentFault.Changed, $"somebody else took the console of {machine.Record.Spec.Name} over");

    private static async Task SendAsync(IAsyncStreamReader<DialRequest> from, Socket to, CancellationToken cancellationToken)
    {
        while (await from.MoveNext(cancellationToken))
        {
            for (var data = from.Current.Data.Memory; !data.IsEmpty;)
            {
                data = data[await to.SendAsync(data, cancellationToken)..];
            }
        }

        // The machine may still have something to say.
        to.Shutdown(SocketShutdown.Send);
    }

    private static async Task TypeAsync(IAsyncStreamReader<ConsoleRequest> from, DomainConsole to, CancellationToken cancellationToken)
    {
        try
        {
            while (await from.MoveNext(cancellationToken))
            {
                await to.WriteAsync(from.Current.Data.Memory, cancellationToken);
            }
        }
        catch (IOException)
        {
            // The caller went away without a word.
        }
    }

    private static async Task ShowAsync(DomainConsole from, IServerStreamWriter<ConsoleReply> to, CancellationToken cancellationToken)
    {
        while (await from.ReadAsync(cancellationToken) is { IsEmpty: false } data)
        {
            await to.WriteAsync(new ConsoleReply { Data = ByteString.CopyFrom(data.Span) }, cancellationToken);
        }
    }

    private async Task<FoundMachine> FindAsync(string uuid, CancellationToken cancellationToken) => await catalog.FindAsync(uuid, cancellationToken) ?? throw Missing(uuid);

    private async Task<ReadOnlyMemory<byte>> ConsoleLogAsync(string uuid, int maxBytes, bool wholeLines, CancellationToken cancellationToken)
        => fabrics.Current is { } facts && maxBytes > 0 ? await MachineConsoles.ReadLogAsync(facts.FabricId, uuid, Math.Min(maxBytes, MostConsoleBytes), wholeLines, cancellationToken) : ReadOnlyMemory<byte>.Empty;
}
