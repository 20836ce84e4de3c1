using CsCheck;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Tests.Lab;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>What changes of a fabric keep true, whatever their order.</summary>
public sealed class FabricChangeTests
{
    [Fact]
    public void ChangesMadeForWhatIsNoMoreAreRefused()
    {
        var facts = FabricChange.Apply(null, Founding("a"), "a");
        var fault = Assert.Throws<AgentException>(() => FabricChange.Apply(facts, new ChangeRequest { FabricId = "fabric01", ExpectedVersion = 7 }, "a"));
        Assert.Equal(AgentFault.Changed, fault.Fault);
        Assert.Throws<AgentException>(() => FabricChange.Apply(facts, new ChangeRequest { FabricId = "fabric01", ExpectedVersion = 1 }, "b"));
    }

    [Fact]
    public void ALostHostDoesNotComeBackUnasked()
    {
        var facts = FabricChange.Apply(null, Founding("a", "b"), "a");
        facts = FabricChange.Apply(facts, new ChangeRequest { FabricId = "fabric01", ExpectedVersion = 1, Lost = { "b" } }, "a");
        Assert.DoesNotContain(facts.Members, member => member.MachineId == "b");
        ChangeRequest again = new() { FabricId = "fabric01", ExpectedVersion = 2, Join = { Joining("b") } };
        Assert.Contains("lost", Assert.Throws<AgentException>(() => FabricChange.Apply(facts, again, "a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATakeOverCountsMoreThanWhatTheLostPrimaryWentOnToDo()
    {
        var facts = FabricChange.Apply(null, Founding("a", "b"), "a");
        var old = facts.Clone();
        old.Version = 99;
        var taken = FabricChange.TakeOver(facts.Clone(), "a", "b");
        Assert.True(FabricStore.IsNewer(taken, old));
        Assert.Equal("b", taken.Primary);
        Assert.Equal(["a"], taken.Lost);
    }

    [Fact]
    public void AReplacedHostHandsOnItsNameAndWhatIsBoundToIt()
    {
        var facts = FabricChange.Apply(null, Founding("a", "0123456789"), "a");
        facts.Members[1].Settings.Name = "edge";
        facts.Networks.Add(new NetworkFacts { Vni = 1, Services = new NetworkServices { Egress = Egress.Pinned, EgressMember = "0123456789", Exposed = { new ExposedPort { Member = "0123456789", Port = 80 } } } });
        var successor = Joining("new");
        successor.Member.Settings.Name = "edge";
        ChangeRequest change = new() { FabricId = "fabric01", ExpectedVersion = 1, Departing = { "0123456789" }, Join = { successor } };
        var replaced = FabricChange.Apply(facts.Clone(), change, "a");
        Assert.Equal([("a", "a", false), ("0123456789", "edge-01234567", true), ("new", "edge", false)], replaced.Members.Select(member => (member.MachineId, member.Settings.Name, member.Departing)));
        Assert.Equal(("new", "new"), (replaced.Networks[0].Services.EgressMember, replaced.Networks[0].Services.Exposed[0].Member));

        // One that has nothing leaves at once, and its address is nobody's for now.
        var left = FabricChange.Apply(facts.Clone(), new ChangeRequest { FabricId = "fabric01", ExpectedVersion = 1, Leave = { "0123456789" }, Join = { successor } }, "a");
        Assert.Equal(["a", "new"], left.Members.Select(member => member.MachineId));
        Assert.DoesNotContain(left.Members, member => member.MeshAddress == facts.Members[1].MeshAddress);
        Assert.Equal(("new", "new"), (left.Networks[0].Services.EgressMember, left.Networks[0].Services.Exposed[0].Member));

        // So does one that was lost, a primary's place taken, and one that left, before the new one of its name came.
        var primary = facts.Clone();
        (primary.Primary, primary.Members[0].Settings.Name, primary.Members[1].Settings.Name) = ("0123456789", "a", "edge");
        foreach (var gone in new[] { FabricChange.TakeOver(primary, "0123456789", "a"), FabricChange.Apply(facts.Clone(), new ChangeRequest { FabricId = "fabric01", ExpectedVersion = 1, Leave = { "0123456789" } }, "a") })
        {
            Assert.Equal("0123456789", gone.Networks[0].Services.EgressMember);
            var joined = FabricChange.Apply(gone, new ChangeRequest { FabricId = "fabric01", ExpectedVersion = gone.Version, Join = { successor } }, "a");
            Assert.Equal(("new", "new"), (joined.Networks[0].Services.EgressMember, joined.Networks[0].Services.Exposed[0].Member));
            Assert.Empty(joined.FormerMembers);
        }

        // Two that stay can't have one name.
        change.Departing.Clear();
        Assert.Contains("edge", Assert.Throws<AgentException>(() => FabricChange.Apply(facts.Clone(), change, "a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADepartingMemberIsDischargedOnceNothingIsOnItOrOnItsWay()
    {
        var facts = FabricChange.Apply(null, Founding("a", "b"), "a");
        Assert.Contains("hosts", Assert.Throws<AgentException>(() => FabricChange.Discharge(facts.Clone(), "b")).Message, StringComparison.Ordinal);
        facts.Members[1].Departing = true;
        foreach (var claim in new[] { new MachineClaim { Name = "web", Member = "b" }, new MachineClaim { Name = "web", Member = "a", MovingTo = "b" } })
        {
            var held = facts.Clone();
            held.Machines.Add(claim);
            Assert.Contains("web", Assert.Throws<AgentException>(() => FabricChange.Discharge(held, "b")).Message, StringComparison.Ordinal);
        }

        Assert.Equal(["a"], FabricChange.Discharge(facts.Clone(), "b")!.Members.Select(member => member.MachineId));
        Assert.Null(FabricChange.Discharge(facts.Clone(), "c"));
    }

    [Fact]
    public void ARequestWithHolesIsRefused()
    {
        foreach (var hollow in new[] { new JoiningMember(), new JoiningMember { Member = new Member { MachineId = "b" } } })
        {
            ChangeRequest change = new() { FabricId = "fabric01", ExpectedVersion = 1, Join = { hollow } };
            Assert.Equal(AgentFault.BadRequest, Assert.Throws<AgentException>(() => FabricChange.Apply(FabricChange.Apply(null, Founding("a"), "a"), change, "a")).Fault);
        }
    }

    [Theory]
    [InlineData("fabric0")]
    [InlineData("fabric01\n")]
    [InlineData("../../../etc")]
    public void AFabricsIdNamesNoOtherFolder(string id) => Assert.Throws<AgentException>(() => FabricIds.Checked(id));

    [Fact]
    public void NoKeyBreaksOutOfItsLine()
    {
        var facts = FabricChange.Apply(null, Founding("a"), "a");
        foreach (var key in new[] { "ssh-ed25519", "ssh-ed25519 AAAA\nssh-ed25519 BBBB", "ssh-ed25519 AAAA comment", "command=\"x\" AAAA" })
        {
            ChangeRequest change = new() { FabricId = "fabric01", ExpectedVersion = 1, Authorize = { new AuthorizedKey { PublicKey = key } } };
            Assert.Throws<AgentException>(() => FabricChange.Apply(facts.Clone(), change, "a"));
        }
    }

    /// <summary>Members come and go at random: addresses and names stay unique, nobody who stays gets another address, the primary is a member.</summary>
    [Fact]
    public void MembersKeepTheirAddresses() => Gen.Select(Gen.Int[0, 2], Gen.Int[0, 9]).List[1, 40].Sample(steps =>
    {
        var facts = FabricChange.Apply(null, Founding("m0"), "m0");
        foreach (var (kind, number) in steps)
        {
            var machine = $"m{number}";
            ChangeRequest change = new() { FabricId = "fabric01", ExpectedVersion = facts.Version };
            switch (kind)
            {
                case 0:
                    change.Join.Add(Joining(machine));
                    break;
                case 1:
                    change.Departing.Add(machine);
                    break;
                default:
                    change.Leave.Add(machine);
                    break;
            }

            var before = facts.Clone();
            try
            {
                facts = FabricChange.Apply(facts.Clone(), change, facts.Primary);
            }
            catch (AgentException)
            {
                continue; // the primary can't leave
            }

            Assert.Equal(before.Version + 1, facts.Version);
            Assert.Equal(facts.Members.Count, facts.Members.Select(member => member.MeshAddress).Distinct().Count());
            Assert.Contains(facts.Members, member => member.MachineId == facts.Primary);
            foreach (var member in facts.Members)
            {
                Assert.Equal(before.Members.FirstOrDefault(other => other.MachineId == member.MachineId)?.MeshAddress ?? member.MeshAddress, member.MeshAddress);
            }
        }
    }, iter: 60);

    internal static ChangeRequest Founding(params string[] machines)
    {
        ChangeRequest change = new() { FabricId = "fabric01", Settings = TestFabric.Settings };
        change.Join.AddRange(machines.Select(Joining));
        return change;
    }

    private static JoiningMember Joining(string machine) => new()
    {
        Member = new Member { MachineId = machine, WireguardPublicKey = WireGuardKey(machine), Settings = new HostSettings { Name = machine, Address = "192.0.2.1" } },
        CertificateRequest = Google.Protobuf.ByteString.CopyFrom(Request()),
    };

    private static string WireGuardKey(string machine) => Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(machine)));

    private static readonly byte[] SharedRequest = MakeRequest();

    private static byte[] Request() => SharedRequest;

    private static byte[] MakeRequest()
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        return new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=x", key, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSigningRequest();
    }
}
