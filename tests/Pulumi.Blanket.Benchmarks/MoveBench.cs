using System.Globalization;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Guests;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>A fabric whose members all have the guest's image, and a client in the machines' network: what is needed to watch a move.</summary>
internal sealed class MoveBench : IAsyncDisposable
{
    private const string ClientAddress = "10.60.255.240/16";

    private MoveBench(BenchFabric fabric, SegmentClient client) => (Fabric, Client) = (fabric, client);

    public BenchFabric Fabric { get; }

    public SegmentClient Client { get; }

    public static async Task<MoveBench> UpAsync(CancellationToken cancellationToken)
    {
        var fabric = await BenchFabric.UpAsync(cancellationToken);
        try
        {
            await fabric.KeepImageEverywhereAsync(cancellationToken);
            return new(fabric, await SegmentClient.JoinAsync(fabric.Lab.Hosts[0], fabric.Bridge, ClientAddress));
        }
        catch
        {
            await fabric.DisposeAsync();
            throw;
        }
    }

    public static string AddressOf(BenchResource machine) => machine.State.Fields["addresses"].ListValue.Values[0].StringValue;

    /// <summary>What a member has sent to others over the mesh so far, in bytes.</summary>
    public static async Task<long> ReadSentAsync(LabHost host)
        => long.Parse(await host.RunOrThrowAsync(["cat", "/sys/class/net/blanket0/statistics/tx_bytes"]), CultureInfo.InvariantCulture);

    /// <summary>Waits until the guest answers.</summary>
    public async Task AnswersAsync(BenchResource machine)
    {
        var address = AddressOf(machine);
        for (var deadline = DateTime.UtcNow.AddMinutes(3); (await Client.RunAsync(["curl", "-sf", "-m", "2", $"http://{address}/status"])).ExitCode != 0; await Task.Delay(500))
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new TimeoutException($"the guest at {address} does not answer");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Fabric.DisposeAsync();
    }
}
