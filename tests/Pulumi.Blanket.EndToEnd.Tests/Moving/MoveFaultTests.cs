using System.Net.Sockets;
using Grpc.Core;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Protocol;

namespace Pulumi.Blanket.EndToEnd.Tests;

/// <summary>Live moves under load with a fault at a random moment, then one plain `up`: the VM runs once, never twice, and lost nothing that it had to keep.</summary>
[Collection(nameof(FaultyMachineLab))]
public sealed class MoveFaultTests(FaultyMachineLab lab)
{
    private const int LongestMilliseconds = 4500;

    private enum Fault
    {
        None,
        PluginKilled,
        SourceAgentKilled,
        TargetAgentKilled,
        SourceLibvirtKilled,
        TargetLibvirtKilled,
        SourceQemuKilled,
        TargetQemuKilled,
        LinkCutShortly,
        LinkCutForLong,
        SourceLoginsCut,
        SourceHostReset,
        TargetHostReset,
        BothHostsReset,
    }

    [LabFact]
    [Trait("campaign", "yes")]
    public async Task AMachineIsNeverLostNorRunTwice()
    {
        var output = TestContext.Current.TestOutputHelper!;
        await using var machines = await lab.StartMachinesAsync();
        LabHost[] hosts = [lab.Aws, lab.Gcp];
        var program = machines.Program("rover");
        await machines.UpAsync("rover", program.With("host", hosts[0].Name));
        await machines.ReachWrittenAsync("rover");
        var id = machines.Stack["rover"].Id;
        await Seeds.RunAsync("move-fault", few: 2, full: 500, async seed =>
        {
            Random random = new(seed);
            var fault = random.GetItems(Enum.GetValues<Fault>(), 1)[0];
            var delay = random.Next(LongestMilliseconds);
            var source = machines.HostOf("rover");
            var target = hosts.Single(host => host != source);
            output.WriteLine($"  {fault} after {delay} ms, from {source.Name} to {target.Name}");
            await machines.LoadAsync("rover", memoryMiBps: random.Next(4), diskMiBps: random.Next(2));
            var before = await machines.ReachAsync("rover");
            await using var sampler = await RunSampler.StartAsync(hosts, id);
            var wish = program.With("host", target.Name);
            var moving = machines.UpAsync("rover", wish);
            await Task.WhenAny(moving, Task.Delay(delay, TestContext.Current.CancellationToken));
            await StrikeAsync(fault, source, target, machines, sampler);
            try
            {
                await moving;
            }
            catch (Exception failure) when (failure is RpcException or IOException or SocketException or HttpRequestException)
            {
                output.WriteLine($"    {failure.Message}");
            }

            // One plain `up`, once the hosts have settled who has it.
            await Eventually.TrueAsync(async () => (await Task.WhenAll(hosts.Select(OpenRecordsAsync))).All(open => open == 0), "no move is open any more");
            await machines.Stack.ContinueWithAsync(await lab.StartPluginAsync(), MachineStack.SettingsOf(lab));
            await machines.UpAsync("rover", wish);
            Assert.Equal((target.Name, "running"), (machines.Stack["rover"].Text("location"), machines.Stack["rover"].Text("state")));
            var written = await machines.ReachWrittenAsync("rover");
            var after = await machines.ReachAsync("rover");
            Assert.Empty(await sampler.ReadDoublesAsync());
            Assert.True(written >= before.DiskCounter, $"the counter on the disk went from {before.DiskCounter} back to {written}");
            Assert.True(LosesMemory(fault) || after.MemoryCounter > before.MemoryCounter, $"the counter in memory went from {before.MemoryCounter} back to {after.MemoryCounter}");
            await MachineStack.LeavesNothingAsync(source, id);
        });
        await machines.DeleteAsync("rover");
    }

    private static bool LosesMemory(Fault fault)
        => fault is Fault.SourceQemuKilled or Fault.TargetQemuKilled or Fault.SourceHostReset or Fault.TargetHostReset or Fault.BothHostsReset;

    private static async Task<int> OpenRecordsAsync(LabHost host)
        => (await host.RunAsync(["sh", "-c", "ls /var/lib/blanket/*/moves/"])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    private async Task StrikeAsync(Fault fault, LabHost source, LabHost target, MachineStack machines, RunSampler sampler)
    {
        var token = TestContext.Current.CancellationToken;
        var domain = $"rover-{machines.Stack["rover"].Id[..8]}";
        switch (fault)
        {
            case Fault.None:
                break;
            case Fault.PluginKilled:
                await machines.Stack.Plugin.KillAndReadOutputAsync();
                break;
            case Fault.SourceAgentKilled or Fault.TargetAgentKilled:
                await (fault is Fault.SourceAgentKilled ? source : target).RunAsync(["systemctl", "kill", "--signal=KILL", "blanket-agent"]);
                break;
            case Fault.SourceLibvirtKilled or Fault.TargetLibvirtKilled:
                await (fault is Fault.SourceLibvirtKilled ? source : target).KillAsync(FaultTarget.Libvirtd, token);
                break;
            case Fault.SourceQemuKilled or Fault.TargetQemuKilled:
                await TryKillAsync(fault is Fault.SourceQemuKilled ? source : target, FaultTarget.Qemu(domain));
                break;
            case Fault.LinkCutShortly or Fault.LinkCutForLong:
                await lab.Lab.CutAsync(source.Name, target.Name, token);
                await Task.Delay(TimeSpan.FromSeconds(fault is Fault.LinkCutShortly ? 4 : 14), token);
                await lab.Lab.HealAsync(source.Name, target.Name, token);
                break;
            case Fault.SourceLoginsCut:
                await source.KillAsync(FaultTarget.Sshd, token);
                await source.RunOrThrowAsync(["systemctl", "restart", "ssh"]);
                break;
            default:
                LabHost[] struck = fault switch { Fault.SourceHostReset => [source], Fault.TargetHostReset => [target], _ => [source, target] };
                await Task.WhenAll(struck.Select(host => host.RebootAsync(token)));
                await Task.WhenAll(struck.Select(sampler.BeginAsync));
                break;
        }
    }

    // It may not be there yet, or not any more.
    private static async Task TryKillAsync(LabHost host, FaultTarget target)
    {
        try
        {
            await host.KillAsync(target, TestContext.Current.CancellationToken);
        }
        catch (LabException)
        {
        }
    }
}
