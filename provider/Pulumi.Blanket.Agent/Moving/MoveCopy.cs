using System.Diagnostics;
using System.Globalization;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Migration;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>One copy of a machine to its target, by libvirt, peer to peer; it arrives paused, but by post-copy, which libvirt can't combine with that.</summary>
/// <param name="onSwitch">Called before the machine may run at the target.</param>
/// <param name="onEnded">Called when the machine's QEMU here has ended, for whatever reason; libvirt is done with it some 200 ms later. Not called for a move by post-copy.</param>
internal sealed class MoveCopy(MovePeers peers, LibvirtClient client, MoveOrder order, Member target, MoveOptions options, ActiveMove move, AgentClock clock, Action onSwitch, Func<Task> onEnded)
{
    /// <summary>libvirt's own. One that a former copy set stays with QEMU, so each says it anew.</summary>
    private const int DefaultDowntimeMs = 300;

    /// <summary>So little that a copy that is to switch to post-copy does not end by itself.</summary>
    private const int PostCopyDowntimeMs = 1;

    private readonly Stopwatch _told = new();
    private volatile bool _isPulling;
    private volatile bool _answers = true;

    /// <returns>Why it failed, as far as it is known; null where libvirt says that it is done.</returns>
    public async Task<MoveFailure?> RunAsync(FoundMachine found, CancellationToken cancellationToken)
    {
        var domain = found.Domain;
        if (order.Mode == MoveMode.Live)
        {
            await client.SetMaxDowntimeAsync(domain, (ulong)(order.PostCopy ? PostCopyDowntimeMs : options.DowntimeMs > 0 ? options.DowntimeMs : DefaultDowntimeMs), cancellationToken);
        }

        await using LibvirtBridge bridge = new(order.Uuid, peers.To(target));
        var copying = client.MigrateAsync(domain, bridge.Uri, Flags(), Parameters(), CancellationToken.None);
        using CancellationTokenSource end = new();
        MoveFailure? failure = null;
        var watching = WatchPeerAsync(domain, why =>
        {
            failure ??= new($"the way to {target.Settings.Name} was cut: {why}", WasSilent: true);
            bridge.Cut();
            return AbortAsync(domain);
        }, end.Token);
        var ending = order.PostCopy ? Task.CompletedTask : WatchEndAsync(domain, end.Token);
        try
        {
            await FollowAsync(domain, copying, why => failure ??= why);
            await copying;
            return null;
        }
        catch (LibvirtException fault) when (failure is null && IsOverRemains(fault))
        {
            await TryAsync(() => client.RemoveForgottenCopyAsync(domain));
            return new("a copy that was cut had left something in QEMU, which is removed", WasSilent: true);
        }
        catch (LibvirtException fault)
        {
            return failure ?? new(fault.LibvirtMessage ?? fault.Message, WasSilent: IsInterruption(fault), WasRefused: IsRefusal(fault), MayBeRefused: !IsInterruption(fault));
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(watching, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>This host's libvirtd was restarted, or lost its own way to the target's: one too busy to answer its pings breaks that as a cut link does.</summary>
    private static bool IsInterruption(LibvirtException fault)
        => fault.Fault is LibvirtFault.ConnectionLost or LibvirtFault.Unresponsive || fault.Domain == LibvirtErrorDomain.Rpc;

    /// <summary>The target can't be what the machine is here: another CPU, or a device that its QEMU does not have.</summary>
    private static bool IsRefusal(LibvirtException fault)
        => fault.Code is LibvirtErrorCode.ConfigUnsupported or LibvirtErrorCode.CpuIncompatible or LibvirtErrorCode.ArgumentUnsupported or LibvirtErrorCode.OperationUnsupported;

    /// <summary>This host's libvirtd was killed as it began another copy, and does not know of that any more; QEMU does.</summary>
    private static bool IsOverRemains(LibvirtException fault) => fault.Message.Contains("node-name='migration-", StringComparison.Ordinal);

    private MigrationOptions Flags()
    {
        var flags = MigrationOptions.PersistAtTarget | MigrationOptions.UndefineSource;
        flags |= order.PostCopy ? MigrationOptions.PostCopy : MigrationOptions.Paused;
        flags |= order.Mode == MoveMode.Live ? MigrationOptions.Live : 0;
        flags |= order.Disks.Count > 0 ? MigrationOptions.CopyDisksIncrementally : 0;
        flags |= options.AutoConverge && order.Mode == MoveMode.Live ? MigrationOptions.AutoConverge : 0;
        flags |= options.Compress ? MigrationOptions.Compressed : 0;
        flags |= options.Connections > 0 ? MigrationOptions.Parallel : 0;
        return flags;
    }

    private MigrationParameters Parameters() => new()
    {
        MigrateUri = $"tcp://{target.MeshAddress}",
        ListenAddress = target.MeshAddress,
        BandwidthMiBps = options.BandwidthMibps > 0 ? (ulong)options.BandwidthMibps : null,
        PostCopyBandwidthMiBps = order.PostCopy && options.BandwidthMibps > 0 ? (ulong)options.BandwidthMibps : null,
        Compression = options.Compress ? ["xbzrle"] : [],
        ParallelConnections = options.Connections > 0 ? options.Connections : null,
    };

    private async Task FollowAsync(DomainReference domain, Task copying, Action<MoveFailure> because)
    {
        var watch = Stopwatch.StartNew();
        var timeout = options.TimeoutSeconds > 0 && !(order.PostCopy && options.PostCopy == PostCopyUse.OnTimeout) ? TimeSpan.FromSeconds(options.TimeoutSeconds) : TimeSpan.MaxValue;
        var isAborted = false;
        var isSuspended = false;
        while (await Task.WhenAny(copying, Task.Delay(order.PostCopy && !_isPulling ? clock.Timeouts.SwitchLook : clock.Timeouts.CopyLook)) != copying)
        {
            if (_isPulling)
            {
                if (!isAborted && move.Cancelled.IsCancellationRequested)
                {
                    isAborted = true;
                    move.Say($"{order.Name} runs on {target.Settings.Name} already, and the rest of its memory has to follow: it is too late to cancel that");
                }
            }
            else if (!isAborted && move.Cancelled.IsCancellationRequested)
            {
                isAborted = true;
                because(new("it was cancelled"));
                await AbortAsync(domain);
            }
            else if (!isAborted && !isSuspended && watch.Elapsed > timeout)
            {
                if (options.SuspendOnTimeout)
                {
                    isSuspended = true;
                    move.Warn($"{order.Name} was not moved within {options.TimeoutSeconds} s, since it writes faster than can be sent: it stands still until it is there");
                    await TryAsync(() => client.SuspendAsync(domain));
                }
                else
                {
                    isAborted = true;
                    because(new($"it was not done within {options.TimeoutSeconds} s (`migration.timeoutSeconds`); raise that, set `migration.autoConverge` or `migration.onTimeout: suspend`, or move it while it writes less", TookTooLong: true));
                    await AbortAsync(domain);
                }
            }
            else if (order.PostCopy && !isAborted && await IsTimeToSwitchAsync(domain))
            {
                var isReady = _answers && await peers.IsReadyAsync(target, order, clock.Timeouts.SwitchReady, CancellationToken.None) && _answers;
                if (move.Cancelled.IsCancellationRequested)
                {
                    continue;
                }

                if (isReady)
                {
                    await TryAsync(() => SwitchAsync(domain));
                }
                else
                {
                    // Not later: a copy that goes on could end by itself. libvirt's way to the target is not cut, so that one that has just ended is ended in order.
                    isAborted = true;
                    because(new($"{target.Settings.Name} was silent as {order.Name} was to go over to it", WasSilent: true));
                    await AbortAsync(domain);
                }
            }

            await TellAsync(domain);
        }
    }

    /// <summary>Towards the end of the first pass over memory.</summary>
    private async Task<bool> IsTimeToSwitchAsync(DomainReference domain)
    {
        const int LastPart = 4;
        var isTime = false;
        await TryAsync(async () =>
        {
            var job = await client.GetJobAsync(domain);
            isTime = job is { IsActive: true, MemoryTotalBytes: > 0 and var total } && (job.MemoryIteration > 1 || job.MemoryRemainingBytes < total / LastPart);
        });
        return isTime;
    }

    /// <summary>To post-copy. Whether it runs at the target from then on is in the hands of the libvirt there: where that hangs, libvirt here gives up, and its memory is lost.</summary>
    private async Task SwitchAsync(DomainReference domain)
    {
        onSwitch();
        _isPulling = true;
        try
        {
            await client.StartPostCopyAsync(domain);
        }
        catch
        {
            _isPulling = false;
            throw;
        }

        move.Say($"post-copy: {order.Name} goes on on {target.Settings.Name}, and the rest of its memory follows");
    }

    private async Task TellAsync(DomainReference domain)
    {
        if (_told.IsRunning && _told.Elapsed < clock.Timeouts.ProgressLine)
        {
            return;
        }

        await TryAsync(async () =>
        {
            var job = await client.GetJobAsync(domain);
            if (job is { IsActive: true, DataTotalBytes: > 0 and var total, DataProcessedBytes: var done, DataRemainingBytes: var left, ElapsedMs: > 0 and var elapsed })
            {
                var rate = (done ?? 0) * 1000d / elapsed;
                var percent = 100d * (total - Math.Min(left ?? 0, total)) / total;
                var dirty = (job.DirtyPagesPerSecond ?? 0) * (job.PageSizeBytes ?? 4096);
                _told.Restart();
                move.Say(string.Create(CultureInfo.InvariantCulture,
                    $"copying: {percent:0} %, {(done ?? 0) >> 20} MiB at {rate / (1 << 20):0} MiB/s, {(left ?? 0) >> 20} MiB to go{(dirty > 0 ? $", {dirty / (1 << 20):0} MiB/s written by the guest" : "")}"));
            }
        });
    }

    /// <summary>Resets the copy's connections when the way to the target is cut. A target that is only slow is waited for.</summary>
    private async Task WatchPeerAsync(DomainReference domain, Func<string, Task> onCut, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        PathJudge judge = new(watch.Elapsed, clock.Timeouts.CopySilence);
        var isTold = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            _answers = await IsThereAsync(cancellationToken);
            var state = judge.Observe(watch.Elapsed, _answers, _answers ? null : await PeerPath.ReadAsync(target.MeshAddress, cancellationToken));
            if (state == PathState.Slow && judge.Silence > clock.Timeouts.CopySlow && !isTold)
            {
                isTold = true;
                move.Say($"{target.Settings.Name} is slow to answer, and takes what is sent: going on");
            }
            else if (state == PathState.Dead && !_isPulling)
            {
                // Once it runs there, only these connections bring the rest of its memory: TCP outlasts a link that blinks.
                try
                {
                    await CopyConnections.CutAsync(domain, target, cancellationToken);
                }
                finally
                {
                    await onCut(judge.Reason!);
                }

                return;
            }

            await Task.Delay(clock.Timeouts.CopyPingPause, cancellationToken);
        }
    }

    /// <summary>Also where this host is too busy to ask, or does not know the fabric just now, it is watched on.</summary>
    private async Task<bool> IsThereAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await peers.IsThereAsync(target, clock.Timeouts.CopyPing, cancellationToken);
        }
        catch (AgentException)
        {
            return false;
        }
    }

    private async Task WatchEndAsync(DomainReference domain, CancellationToken cancellationToken)
    {
        if (QemuProcess.Find(domain) is not { } process)
        {
            return;
        }

        while (process.IsThere)
        {
            await Task.Delay(clock.Timeouts.EndLook, cancellationToken);
        }

        await onEnded();
    }

    private Task AbortAsync(DomainReference domain) => TryAsync(() => client.AbortJobAsync(domain));

    private static async Task TryAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (LibvirtException)
        {
            // The job may just have ended; what became of it is looked at afterwards.
        }
    }
}
