using System.Net.Sockets;
using Grpc.Core;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Protocol;

namespace Pulumi.Blanket.EndToEnd.Tests;

/// <summary>
/// Operations that are cut at random moments, and tried again by the next run: the plugin killed, an agent killed, the way to a host
/// cut. Whatever was cut, the next run ends where an undisturbed one does, and a delete leaves what was there before.
/// </summary>
[Collection(nameof(CloudLab))]
public sealed class InterruptionTests(CloudLab lab)
{
    private const int LongestMilliseconds = 1500;
    private const int Attempts = 3;

    private enum Fault
    {
        PluginKilled,
        AgentKilled,
        LoginsCut,
        LinkCut,
    }

    [LabFact]
    [Trait("campaign", "yes")]
    public Task TheNextRunEndsWhereAnUndisturbedOneDoes() => Seeds.RunAsync("interruption", few: 4, full: 60, async seed =>
    {
        Random random = new(seed);
        LabHost[] hosts = [lab.Aws, lab.Gcp];
        var before = await Task.WhenAll(hosts.Select(CloudLab.SnapshotAsync));
        await using FabricStack fabric = new(lab, await lab.StartStackAsync());
        var stack = fabric.Stack;

        await DisturbAsync(() => stack.UpAsync("Host", "aws-1", lab.HostInputs(lab.Aws)));
        await stack.UpAsync("Host", "gcp-1", lab.HostInputs(lab.Gcp));
        await DisturbAsync(() => stack.UpAsync("Host", "gcp-1", lab.HostInputs(lab.Gcp).With("zone", "b")));
        await DisturbAsync(() => stack.UpAsync("Fabric", "fabric", fabric.Program(lab.Aws)));
        await DisturbAsync(() => stack.UpAsync("Fabric", "fabric", fabric.Program(hosts)));
        Assert.Equal(["aws-1", "gcp-1"], fabric.Members.Keys);
        Assert.All(fabric.Members.Values, status => Assert.Equal("active", status));
        await Eventually.TrueAsync(() => fabric.ReachesAsync(lab.Aws, lab.Gcp), "the mesh is up");
        Assert.Equal("", await FabricsOnAsync(lab.Aws, except: fabric.Fabric.Id));

        await DisturbAsync(() => stack.UpAsync("Fabric", "fabric", fabric.Program(lab.Gcp)));
        Assert.Equal(["gcp-1"], fabric.Members.Keys);
        await DisturbAsync(() => DeleteAsync("fabric"));
        await DisturbAsync(() => DeleteAsync("aws-1"));
        await DisturbAsync(() => DeleteAsync("gcp-1"));
        Assert.Equal(before, await Task.WhenAll(hosts.Select(CloudLab.SnapshotAsync)));

        // One operation with a fault in the middle of it, then again until it is through.
        async Task DisturbAsync(Func<Task> operation)
        {
            var fault = random.GetItems(Enum.GetValues<Fault>(), 1)[0];
            var host = random.GetItems(hosts, 1)[0];
            var delay = random.Next(LongestMilliseconds);
            TestContext.Current.TestOutputHelper!.WriteLine($"  {fault} on {host.Name} after {delay} ms");
            var running = operation();
            await Task.WhenAny(running, Task.Delay(delay, TestContext.Current.CancellationToken));
            await StrikeAsync(fault, host, running);
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await running;
                    return;
                }
                catch (Exception failure) when (failure is RpcException or IOException or SocketException or HttpRequestException && attempt < Attempts)
                {
                    TestContext.Current.TestOutputHelper!.WriteLine($"    {failure.Message}");
                }

                await stack.ContinueWithAsync(await lab.StartPluginAsync(), ObjectValue.Empty.With("privateKey", new SecretValue(lab.PrivateKey)));
                running = operation();
            }
        }

        async Task StrikeAsync(Fault fault, LabHost host, Task running)
        {
            switch (fault)
            {
                case Fault.PluginKilled:
                    await stack.Plugin.KillAndReadOutputAsync();
                    break;
                case Fault.AgentKilled:
                    await host.RunAsync(["systemctl", "kill", "--signal=KILL", "blanket-agent"]);
                    break;
                case Fault.LoginsCut:
                    await host.KillAsync(FaultTarget.Sshd, TestContext.Current.CancellationToken);
                    await host.RunOrThrowAsync(["systemctl", "restart", "ssh"]);
                    break;
                default:
                    await lab.Lab.CutAsync(host.Name, cancellationToken: TestContext.Current.CancellationToken);
                    await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(12)));
                    await lab.Lab.HealAsync(host.Name, cancellationToken: TestContext.Current.CancellationToken);
                    break;
            }
        }

        Task DeleteAsync(string name) => stack.Has(name) ? stack.DeleteAsync(name) : Task.CompletedTask;
    });

    private static async Task<string> FabricsOnAsync(LabHost host, string except)
        => (await host.RunOrThrowAsync(["sh", "-c", $"cd /var/lib/blanket && ls -d */ | grep -v -e account -e pool -e {except} || true"])).Trim();
}
