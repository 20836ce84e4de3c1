using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Agent.Tests.Lab;

/// <summary>What the members share, changed by many at once.</summary>
[Collection(nameof(AgentLab))]
public sealed class SharedFactsTests(AgentLab lab) : AgentLabTest(lab)
{
    private const int Claims = 40;

    /// <summary>Right after the fabric was founded, so that it shows as well that its members answer each other from the start.</summary>
    [LabFact]
    public async Task ChangesAtOnceAreAllMadeAndAFaultIsItsCallersAlone()
    {
        LabHost[] hosts = [Lab.Public, Lab.FirstBehindNat];
        var before = await TestFabric.FoundAsync(hosts);
        using var channel = AgentLab.Connect(hosts[0]);
        FabricRegistry.FabricRegistryClient registry = new(channel);
        var network = await registry.PutNetworkAsync(new PutNetworkRequest { Urn = "urn:net", Name = "lan", Cidr = "10.51.0.0/24" });
        var outcomes = await Task.WhenAll(Enumerable.Range(0, Claims).Select(async number =>
        {
            ClaimMachineRequest wish = new() { Urn = $"urn:{number}", Name = $"machine-{number}", MemoryMib = 16, Nics = { new NicClaim { Vni = network.Vni } }, Host = number % 4 == 0 ? "nowhere" : "" };
            try
            {
                return await registry.ClaimMachineAsync(wish);
            }
            catch (RpcException fault) when (fault.Status.Detail.Contains("nowhere", StringComparison.Ordinal))
            {
                return null;
            }
        }));

        var claims = outcomes.OfType<MachineClaim>().ToList();
        Assert.Equal(Claims / 4, outcomes.Count(claim => claim is null));
        Assert.Equal(claims.Count, claims.Select(claim => claim.Leases.Single().Address).Distinct().Count());
        Assert.Equal(hosts.Length, claims.Select(claim => claim.Member).Distinct().Count());
        var facts = await registry.ReadAsync(new Empty());
        Assert.Equal(claims.Select(claim => claim.Uuid).Order(), facts.Machines.Select(claim => claim.Uuid).Order());
        Assert.Equal(before.Version + 1 + (ulong)claims.Count, facts.Version);

        using var second = AgentLab.Connect(hosts[1]);
        await Eventually.TrueAsync(async () => (await new FabricRegistry.FabricRegistryClient(second).ReadAsync(new Empty())).Machines.Count == claims.Count, "the other member knows all of them");

        await Task.WhenAll(claims.Select(claim => registry.ReleaseAsync(new ReleaseClaimRequest { Uuid = claim.Uuid }).ResponseAsync));
        Assert.Empty((await registry.ReadAsync(new Empty())).Machines);
        await registry.DropNetworkAsync(new DropNetworkRequest { Vni = network.Vni });
        foreach (var host in hosts)
        {
            await TestFabric.LeaveAsync(host);
            await AgentLab.RemoveAsync(host);
        }
    }
}
