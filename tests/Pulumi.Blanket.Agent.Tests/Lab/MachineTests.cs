using System.Net.Http.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Agent.Tests.Lab;

/// <summary>Machines by the agents' own calls: what goes wrong on one member is told apart from what goes wrong in the plugin.</summary>
[Collection(nameof(AgentLab))]
public sealed class MachineTests(AgentLab lab) : AgentLabTest(lab)
{
    [LabFact]
    public async Task IsMadeReadChangedAndRemoved()
    {
        LabHost[] hosts = [Lab.Public, Lab.FirstBehindNat];
        var facts = await TestFabric.FoundAsync(hosts);
        using var first = AgentLab.Connect(hosts[0]);
        FabricRegistry.FabricRegistryClient registry = new(first);
        MachineAgent.MachineAgentClient machines = new(first);
        var network = await registry.PutNetworkAsync(new PutNetworkRequest { Urn = "urn:net", Name = "lan", Cidr = "10.50.0.0/24" });
        Assert.Equal((1u, "10.50.0.1", 1330), (network.Vni, network.Gateway, network.Mtu));

        await hosts[0].RunOrThrowAsync(["sh", "-c", "busybox httpd -p 127.0.0.1:8080 -h /srv/blanket/guest"]);
        var sha256 = (await hosts[0].RunOrThrowAsync(["sha256sum", "/srv/blanket/guest/guest.qcow2"])).Split(' ')[0];
        await registry.PutImageAsync(new PutImageRequest { Urn = "urn:image", Sha256 = sha256, Name = "guest", Format = ImageFormat.Qcow2, Source = "http://127.0.0.1:8080/guest.qcow2" });
        var stored = await LastAsync(new ImageAgent.ImageAgentClient(first).Fetch(new ImageRequest { Sha256 = sha256 }));
        await registry.CompleteImageAsync(new CompleteImageRequest { Sha256 = sha256, Stored = stored.Stored });

        MachineSpec spec = new()
        {
            Name = "web",
            Vcpus = 1,
            MemoryMib = 128,
            Running = true,
            Autostart = true,
            Disks = { new DiskSpec { Image = sha256 } },
            Nics = { new NicSpec { Vni = network.Vni } },
        };
        ClaimMachineRequest wish = new() { Urn = "urn:web", Name = "web", Vcpus = 1, MemoryMib = 128, Images = { sha256 }, SizedByImages = { sha256 }, Nics = { new NicClaim { Vni = network.Vni } }, Host = hosts[0].Name };
        var claim = await registry.ClaimMachineAsync(wish);
        var made = await DoneAsync(machines.Create(new CreateMachineRequest { Claim = claim, Spec = spec }));
        Assert.Equal(MachineState.Running, made.State);
        Assert.Equal("10.50.0.2", made.Leases[0].Address);
        await Eventually.TrueAsync(async () => (await hosts[0].RunInNetworkAsync(network.Vni, ["curl", "-s", "-m", "2", "http://10.50.0.2/status"])).Output.Contains("\"hostname\":\"web\"", StringComparison.Ordinal), "the guest answers at its address");

        // A second member gets the image from the first, and the two guests are on one segment.
        wish.Urn = "urn:db";
        wish.Name = "db";
        wish.Host = hosts[1].Name;
        var other = await registry.ClaimMachineAsync(wish);
        using var second = AgentLab.Connect(hosts[1]);
        spec.Name = "db";
        var db = await DoneAsync(new MachineAgent.MachineAgentClient(second).Create(new CreateMachineRequest { Claim = other, Spec = spec }));
        Assert.Equal("10.50.0.3", db.Leases[0].Address);
        await Eventually.TrueAsync(async () => (await hosts[1].RunInNetworkAsync(network.Vni, ["curl", "-s", "-m", "2", "http://10.50.0.3/status"])).Output.Contains("\"hostname\":\"db\"", StringComparison.Ordinal), "the other guest answers");

        // By way of the first member, as the plugin reaches those that it does not enter by.
        Metadata relayed = new() { { "blanket-member", db.Location } };
        Assert.Equal(db.Uuid, (await machines.GetAsync(new MachineRequest { Uuid = db.Uuid }, relayed)).Uuid);
        var missing = await Assert.ThrowsAsync<RpcException>(async () => await machines.GetAsync(new MachineRequest { Uuid = claim.Uuid }, relayed));
        Assert.Equal(StatusCode.NotFound, missing.StatusCode);

        foreach (var (client, uuid) in new[] { (machines, claim.Uuid), (new MachineAgent.MachineAgentClient(second), other.Uuid) })
        {
            await LastAsync(client.Delete(new MachineRequest { Uuid = uuid }));
        }

        await Eventually.TrueAsync(async () => (await registry.ReadAsync(new Empty())).Machines.Count == 0, "what they held is given back");
        await registry.DropImageAsync(new DropImageRequest { Urn = "urn:image", Sha256 = sha256 });
        await registry.DropNetworkAsync(new DropNetworkRequest { Vni = network.Vni });
        foreach (var host in hosts)
        {
            await TestFabric.LeaveAsync(host);
            await AgentLab.RemoveAsync(host);
        }
    }

    private static async Task<MachineView> DoneAsync(AsyncServerStreamingCall<MachineEvent> call) => (await LastAsync(call)).Done.Machine;

    private static async Task<T> LastAsync<T>(AsyncServerStreamingCall<T> call)
    {
        T? last = default;
        await foreach (var item in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            TestContext.Current.TestOutputHelper!.WriteLine($"{item}");
            last = item;
        }

        return last!;
    }
}
