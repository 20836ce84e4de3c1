using System.Net;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Tests.Support;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>Facts that a member keeps can be acted on: what could not be is refused before it is written down.</summary>
public sealed class FabricFactsCheckTests
{
    private const int Few = 20;
    private const int Full = 500;
    private const int Mutations = 200;

    public static TheoryData<string, Action<FabricFacts>> Damages => new()
    {
        { "settings", facts => facts.Settings = null },
        { "settings", facts => facts.Members[1].Settings = null },
        { "mesh network", facts => facts.Settings.MeshCidr = "ten" },
        { "mesh port", facts => facts.Settings.MeshPort = 70_000 },
        { "authority", facts => facts.CaCertificate = "" },
        { "authority", facts => facts.CaKey = Other.CaKey },
        { "primary", facts => facts.Primary = "c" },
        { "machine id", facts => facts.Members[1].MachineId = "a" },
        { "mesh address", facts => facts.Members[1].MeshAddress = facts.Members[0].MeshAddress },
        { "address in the mesh", facts => facts.Members[1].MeshAddress = "192.0.2.1" },
        { "WireGuard key", facts => facts.Members[1].WireguardPublicKey = "AAAA" },
        { "WireGuard key", facts => facts.Members[1].WireguardPublicKey += "\nEndpoint = 192.0.2.1:1" },
        { "certificate", facts => facts.Members[1].Certificate = facts.Members[0].Certificate },
        { "certificate", facts => facts.Members[1].Certificate = "-----BEGIN CERTIFICATE-----" },
        { "authorised key", facts => facts.AuthorizedKeys.Add(new AuthorizedKey { PublicKey = "ssh-ed25519 AAAA\nssh-ed25519 BBBB" }) },
        { "id", facts => facts.FabricId = "../../etc" },
    };

    private static FabricFacts Facts { get; } = FabricChange.Apply(null, FabricChangeTests.Founding("a", "b"), "a");

    private static FabricFacts Other { get; } = FabricChange.Apply(null, FabricChangeTests.Founding("a", "b"), "a");

    [Theory]
    [MemberData(nameof(Damages), DisableDiscoveryEnumeration = true)]
    public void WhatIsWrongIsNamed(string expected, Action<FabricFacts> damage)
    {
        FabricFactsCheck.Check(Facts);
        var damaged = Facts.Clone();
        damage(damaged);
        var fault = Assert.Throws<AgentException>(() => FabricFactsCheck.Check(damaged));
        Assert.Equal(AgentFault.BadRequest, fault.Fault);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);

        // That what it was before was sound is no excuse.
        Assert.Equal(fault.Message, Assert.Throws<AgentException>(() => FabricFactsCheck.Check(damaged, Facts)).Message);
    }

    /// <summary>Bytes of sound facts are changed at random. What still counts as facts is fit for each step that reads them.</summary>
    [Fact]
    [Trait("campaign", "yes")]
    public Task WhatIsTakenCanBeActedOn() => Seeds.RunAsync("facts-damaged", Few, Full, seed =>
    {
        Random random = new(seed);
        for (var mutation = 0; mutation < Mutations; mutation++)
        {
            FabricFacts facts;
            try
            {
                facts = FabricFacts.Parser.ParseFrom(HostileBytes.Changed(random, Facts.ToByteArray()));
                FabricFactsCheck.Check(facts);
            }
            catch (Exception fault) when (fault is InvalidProtocolBufferException or AgentException)
            {
                continue;
            }

            foreach (var member in facts.Members)
            {
                var plan = MeshPlan.For(facts, member.MachineId);
                Assert.All(plan.Peers.SelectMany(peer => peer.Addresses), address => IPAddress.Parse(address));
                using var certificate = X509Certificate2.CreateFromPem(member.Certificate);
                FabricCertificates.Verify(certificate, facts.CaCertificate);
            }
        }

        return Task.CompletedTask;
    });
}
