using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>Who is linked to whom, from the facts alone.</summary>
public sealed class MeshPlanTests
{
    [Fact]
    public void MembersThatOnlyDialOutMeetOverAThird()
    {
        var facts = Facts(("a", "", "", ""), ("b", "none", "", ""), ("c", "none", "", ""));
        var plan = MeshPlan.For(facts, "b");
        var relay = Assert.Single(plan.Peers);
        Assert.Equal(("a", "192.0.2.1:51820"), (relay.MachineId, relay.Endpoint));
        Assert.Equal(["10.0.0.1", "10.0.0.3"], relay.Addresses);
        Assert.All(MeshPlan.For(facts, "a").Peers, peer => Assert.Null(peer.Endpoint));
        Assert.Equal([["10.0.0.2"], ["10.0.0.3"]], MeshPlan.For(facts, "a").Peers.Select(peer => peer.Addresses));
    }

    [Fact]
    public void HostsOfOneRegionMeetOnTheirPrivateAddresses()
    {
        var facts = Facts(("a", "", "10.1.0.1", "eu"), ("b", "", "10.1.0.2", "eu"), ("c", "", "10.1.0.3", "us"));
        Assert.Equal(["10.1.0.2:51820", "192.0.2.3:51820"], MeshPlan.For(facts, "a").Peers.Select(peer => peer.Endpoint));
    }

    [Theory]
    [InlineData("vpn.example.org", "vpn.example.org:51820")]
    [InlineData("vpn.example.org:7000", "vpn.example.org:7000")]
    [InlineData("2001:db8::1", "[2001:db8::1]:51820")]
    [InlineData("[2001:db8::1]:7000", "[2001:db8::1]:7000")]
    public void AnEndpointMayHaveAPortOfItsOwn(string endpoint, string expected)
        => Assert.Equal(expected, MeshPlan.For(Facts(("a", "", "", ""), ("b", endpoint, "", "")), "a").Peers[0].Endpoint);

    private static FabricFacts Facts(params (string Id, string Endpoint, string Private, string Region)[] members)
    {
        FabricFacts facts = new() { Settings = new FabricSettings { MeshPort = 51820, MeshCidr = "10.0.0.0/24" } };
        foreach (var (id, endpoint, address, region) in members)
        {
            var number = facts.Members.Count + 1;
            facts.Members.Add(new Member
            {
                MachineId = id,
                MeshAddress = $"10.0.0.{number}",
                WireguardPublicKey = id,
                Settings = new HostSettings { Name = id, Address = $"192.0.2.{number}", MeshEndpoint = endpoint, PrivateAddress = address, Region = region, Cloud = "x" },
            });
        }

        return facts;
    }
}
