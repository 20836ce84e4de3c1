using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>A machine that is off, or is turned off for it, copied to its target by its files, without a QEMU: so it does not matter what the QEMU there can take over.</summary>
internal sealed class FileCopy(MovePeers peers, LibvirtClient client, MoveOrder order, Member target, MoveOptions options, ActiveMove move, AgentClock clock)
{
    private const int BlockBytes = 256 * 1024;

    private readonly Stopwatch _watch = new();
    private readonly Stopwatch _told = new();
    private readonly Stopwatch _said = Stopwatch.StartNew();
    private long _totalBytes;
    private long _readBytes;
    private long _sentBytes;

    /// <summary>Shuts the machine down, or puts its memory into a file where it is to go on from there.</summary>
    public async Task TurnOffAsync(DomainReference domain, CancellationToken cancellationToken)
    {
        if (!await MachinePower.IsActiveAsync(client, domain, cancellationToken))
        {
            return;
        }

        if (order.Mode == MoveMode.Suspend)
        {
            move.Say($"saving what is in the memory of {order.Name}");
            await using var cancelling = move.Cancelled.Register(() => _ = AbortAsync(domain));
            try
            {
                await client.SaveAsync(domain, cancellationToken);
            }
            catch (LibvirtException fault) when (move.Cancelled.IsCancellationRequested)
            {
                throw new OperationCanceledException(fault.Message, fault, move.Cancelled);
            }

            return;
        }

        move.Say($"shutting down {order.Name}");
        if (!await MachinePower.ShutDownAsync(client, domain, clock, cancellationToken))
        {
            move.Warn($"{order.Name} did not shut down within {clock.Timeouts.Shutdown.TotalSeconds:0} s, and was switched off");
        }
    }

    /// <returns>Why it failed; null where the target has all of it.</returns>
    /// <exception cref="AgentException">The target is silent, or can't take it.</exception>
    public async Task<MoveFailure?> RunAsync(DomainReference domain, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, move.Cancelled);
        if (options.TimeoutSeconds > 0)
        {
            end.CancelAfter(TimeSpan.FromSeconds(options.TimeoutSeconds));
        }

        try
        {
            await SendAsync(end.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && !move.Cancelled.IsCancellationRequested)
        {
            return new($"it was not done within {options.TimeoutSeconds} s (`migration.timeoutSeconds`); raise that", TookTooLong: true);
        }

        return await MachinePower.IsActiveAsync(client, domain, cancellationToken) ? new("somebody started it meanwhile") : null;
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var files = MovedFiles.Of(order).Index().Where(static file => File.Exists(file.Item)).ToList();
        _totalBytes = files.Sum(static file => new FileInfo(file.Item).Length);
        _watch.Start();
        await peers.SendAsync(target, async (to, token) =>
        {
            foreach (var (index, path) in files)
            {
                await SendAsync(to, index, path, token);
            }
        }, cancellationToken);
    }

    private async Task SendAsync(IClientStreamWriter<MovedBytes> to, int index, string path, CancellationToken cancellationToken)
    {
        await using FileStream file = new(path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite, BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        var block = new byte[BlockBytes];
        while (await file.ReadAtLeastAsync(block, BlockBytes, throwOnEndOfStream: false, cancellationToken) is > 0 and var count)
        {
            var data = block.AsMemory(0, count);
            if (data.Span.ContainsAnyExcept((byte)0))
            {
                await to.WriteAsync(Part(index, file.Position - count, ByteString.CopyFrom(data.Span)), cancellationToken);
                _sentBytes += count;
                _said.Restart();
                await SlowDownAsync(cancellationToken);
            }
            else if (_said.Elapsed > clock.Timeouts.FileSign)
            {
                await to.WriteAsync(Part(index, file.Position, ByteString.Empty), cancellationToken); // so that the target knows that it goes on
                _said.Restart();
            }

            _readBytes += count;
            Tell();
        }

        var end = Part(index, file.Position, ByteString.Empty);
        end.IsEnd = true;
        await to.WriteAsync(end, cancellationToken);
    }

    private MovedBytes Part(int index, long offset, ByteString data) => new() { Uuid = order.Uuid, Number = order.Number, File = index, Offset = offset, Data = data };

    /// <summary>To what the user allows per second.</summary>
    private async Task SlowDownAsync(CancellationToken cancellationToken)
    {
        if (options.BandwidthMibps > 0 && TimeSpan.FromSeconds(_sentBytes / (double)(options.BandwidthMibps << 20)) - _watch.Elapsed is { Ticks: > 0 } ahead)
        {
            await Task.Delay(ahead, cancellationToken);
        }
    }

    private void Tell()
    {
        if (_told.IsRunning && _told.Elapsed < clock.Timeouts.ProgressLine)
        {
            return;
        }

        _told.Restart();
        move.Say(string.Create(CultureInfo.InvariantCulture,
            $"copying: {100d * _readBytes / Math.Max(_totalBytes, 1):0} %, {_sentBytes >> 20} MiB at {_sentBytes / Math.Max(_watch.Elapsed.TotalSeconds, 0.001) / (1 << 20):0} MiB/s, at most {(_totalBytes - _readBytes) >> 20} MiB to go"));
    }

    private async Task AbortAsync(DomainReference domain)
    {
        try
        {
            await client.AbortJobAsync(domain);
        }
        catch (LibvirtException)
        {
            // It has just ended.
        }
    }
}
