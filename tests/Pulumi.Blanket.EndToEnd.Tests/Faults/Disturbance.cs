using System.Net.Sockets;
using Grpc.Core;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Libvirt.Wire;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Faults;

/// <summary>Operations with a fault in the middle of them, at a random moment, then again by the next run until they are through.</summary>
/// <param name="hosts">Where faults strike.</param>
/// <param name="settings">The provider's configuration of each run.</param>
/// <param name="longest">Until when a fault may strike, in milliseconds.</param>
internal sealed class Disturbance(CloudLabBase lab, Stack stack, Random random, LabHost[] hosts, ObjectValue settings, int longest)
{
    private const int Attempts = 3;

    /// <summary>Longer than a plugin waits for a host that does not answer.</summary>
    private static readonly TimeSpan CutFor = TimeSpan.FromSeconds(12);

    private enum Fault
    {
        PluginKilled,
        AgentKilled,
        LoginsCut,
        LinkCut,
    }

    public async Task RunAsync(Func<Task> operation)
    {
        var fault = random.GetItems(Enum.GetValues<Fault>(), 1)[0];
        var host = random.GetItems(hosts, 1)[0];
        var delay = random.Next(longest);
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"  {fault} on {host.Name} after {delay} ms");
        var running = operation();
        await Task.WhenAny(running, Task.Delay(delay, TestContext.Current.CancellationToken));
        await StrikeAsync(fault, host, running);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await running;
                if (fault is Fault.PluginKilled && attempt == 1)
                {
                    await GoOnAsync(); // it came too late for this operation, and the next one needs a plugin
                }

                return;
            }
            catch (Exception failure) when (failure is RpcException or IOException or SocketException or HttpRequestException && attempt < Attempts)
            {
                output.WriteLine($"    {failure.Message}");
            }

            await GoOnAsync();
            running = operation();
        }

        async Task GoOnAsync() => await stack.ContinueWithAsync(await lab.StartPluginAsync(), settings);
    }

    private async Task StrikeAsync(Fault fault, LabHost host, Task running)
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
                await Task.WhenAny(running, Task.Delay(CutFor));
                await lab.Lab.HealAsync(host.Name, cancellationToken: TestContext.Current.CancellationToken);
                break;
        }
    }
}
