using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Provider.Tests;
using Pulumi.Blanket.Provider.Tests.Engine;

namespace Pulumi.Blanket.EndToEnd.Tests.Moving;

/// <summary>Does something to a move that goes on, and takes back what does not go away by itself.</summary>
internal sealed class MoveFaultStrike(Blanket.Lab.Lab lab, PluginProcess plugin, LabHost source, LabHost target, string domain, RunSampler sampler)
{
    /// <summary>Longer than the agents wait for a silent peer.</summary>
    private static readonly TimeSpan Freeze = TimeSpan.FromSeconds(6);

    /// <summary>Half of the cut links heal before libvirt notices, after 8 s; half later.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(14);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Whether the machine starts anew after that, for whatever reason.</summary>
    /// <param name="byPostCopy">libvirt ends a machine whose definition it can't write, and there it may be one that runs already.</param>
    public static bool LosesMemory(MoveFault fault, bool byPostCopy) => (byPostCopy && fault is MoveFault.TargetDiskFull) || fault is MoveFault.SourceQemuKilled or MoveFault.TargetQemuKilled or MoveFault.GuestShutDown or MoveFault.LinkCutAndGuestShutDown
        or MoveFault.SourceHostReset or MoveFault.TargetHostReset or MoveFault.BothHostsReset;

    public Task StrikeAsync(MoveFault fault) => fault switch
    {
        MoveFault.None => Task.CompletedTask,
        MoveFault.PluginKilled => plugin.KillAndReadOutputAsync(),
        MoveFault.SourceAgentKilled => SignalAgentAsync(source, "KILL"),
        MoveFault.TargetAgentKilled => SignalAgentAsync(target, "KILL"),
        MoveFault.SourceAgentFrozen => FreezeAgentAsync(source),
        MoveFault.TargetAgentFrozen => FreezeAgentAsync(target),
        MoveFault.SourceLibvirtKilled => source.KillAsync(FaultTarget.Libvirtd, Token),
        MoveFault.TargetLibvirtKilled => target.KillAsync(FaultTarget.Libvirtd, Token),
        MoveFault.SourceLibvirtFrozen => FreezeAsync(source, FaultTarget.Libvirtd),
        MoveFault.TargetLibvirtFrozen => FreezeAsync(target, FaultTarget.Libvirtd),
        MoveFault.SourceQemuKilled => TryAsync(() => source.KillAsync(FaultTarget.Qemu(domain), Token)),
        MoveFault.TargetQemuKilled => TryAsync(() => target.KillAsync(FaultTarget.Qemu(domain), Token)),
        MoveFault.TargetQemuFrozen => TryAsync(() => FreezeAsync(target, FaultTarget.Qemu(domain))),
        MoveFault.LinkCutShortly => CutAsync(Short, () => Task.CompletedTask),
        MoveFault.LinkCutForLong => CutAsync(Long, () => Task.CompletedTask),
        MoveFault.SourceMuted => MuteAsync(source, target),
        MoveFault.TargetMuted => MuteAsync(target, source),
        MoveFault.SourceLoginsCut => CutLoginsAsync(),
        MoveFault.TargetDiskFull => FillAsync(target),
        MoveFault.GuestShutDown => ShutDownAsync(),
        MoveFault.LinkCutAndGuestShutDown => CutAsync(Long, ShutDownAsync),
        MoveFault.SourceHostReset => ResetAsync(source),
        MoveFault.TargetHostReset => ResetAsync(target),
        MoveFault.BothHostsReset => ResetAsync(source, target),
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    private static async Task SignalAgentAsync(LabHost host, string signal) => await host.RunAsync(["systemctl", "kill", $"--signal={signal}", "blanket-agent"], cancellationToken: Token);

    private static async Task FreezeAgentAsync(LabHost host)
    {
        await SignalAgentAsync(host, "STOP");
        await Task.Delay(Freeze, Token);
        await SignalAgentAsync(host, "CONT");
    }

    private static async Task FreezeAsync(LabHost host, FaultTarget what)
    {
        await host.FreezeAsync(what, Token);
        await Task.Delay(Freeze, Token);
        await host.ThawAsync(what, Token);
    }

    private async Task CutAsync(TimeSpan time, Func<Task> meanwhile)
    {
        await lab.CutAsync(source.Name, target.Name, Token);
        await meanwhile();
        await Task.Delay(time, Token);
        await lab.HealAsync(source.Name, target.Name, Token);
    }

    private static async Task MuteAsync(LabHost host, LabHost peer)
    {
        await host.MuteAsync(peer, Token);
        await Task.Delay(Long, Token);
        await host.UnmuteAsync(Token);
    }

    private async Task CutLoginsAsync()
    {
        await source.KillAsync(FaultTarget.Sshd, Token);
        await source.RunOrThrowAsync(["systemctl", "restart", "ssh"], cancellationToken: Token);
    }

    private static async Task FillAsync(LabHost host)
    {
        await host.FillDiskAsync(cancellationToken: Token);
        await Task.Delay(Freeze, Token);
        await host.FreeDiskAsync(Token);
    }

    // Wherever it is right now.
    private Task ShutDownAsync() => source.RunAsync(["virsh", "shutdown", domain], cancellationToken: Token);

    private async Task ResetAsync(params LabHost[] hosts)
    {
        await Task.WhenAll(hosts.Select(host => host.RebootAsync(Token)));
        await Task.WhenAll(hosts.Select(sampler.BeginAsync));
    }

    // It may not be there yet, or not any more.
    private static async Task TryAsync(Func<Task> strike)
    {
        try
        {
            await strike();
        }
        catch (LabException)
        {
        }
    }
}
