using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab.Requirements;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>What an agent knows of a machine by its domain, and what it makes of what a guest says.</summary>
public sealed class MachineRecordTests
{
    private const string Uuid = "08b96858-39ad-4f89-93c1-eaba92250233";

    [Fact]
    public void MetadataAreReadAsTheyWereWritten()
    {
        MachineRecord record = new()
        {
            Spec = new MachineSpec { Name = "web", Vcpus = 2, MemoryMib = 128, Labels = { ["a]]>\n<b&"] = "\"'é" }, Disks = { new DiskSpec { SizeGib = 1 } } },
            Leases = { new Lease { Vni = 1, Address = "10.0.0.2", Mac = "52:54:00:00:00:01" } },
            Disks = { new DiskRecord { Path = "/p", Own = true, Target = "vda" } },
            NextDisk = 1,
        };
        MachineMetadata metadata = new("fabric01", "urn:pulumi:dev::test::blanket:index:VirtualMachine::<web>", MachinePhase.Ready, "aws-1", record);
        Assert.Equal(metadata, MachineMetadata.TryRead(System.Xml.Linq.XElement.Parse(metadata.ToXml().ToString())));
        Assert.Equal(metadata, MachineMetadata.TryRead(System.Xml.Linq.XElement.Parse(metadata.ToBareXml().ToString())));

        // Somebody's domain that only says that it is ours, and one that was damaged.
        Assert.Null(MachineMetadata.TryRead(System.Xml.Linq.XElement.Parse("<vm fabric='x'/>")));
        Assert.Null(MachineMetadata.TryRead(System.Xml.Linq.XElement.Parse("<machine fabric='x' urn='u' phase='ready'>{</machine>")));
    }

    [Fact]
    public void TheFileOfADiskThatIsGoneIsNeverUsedAgain()
    {
        var one = MachineDisks.Match(Uuid, new MachineRecord { Spec = new MachineSpec() }, Spec(1, 2));
        Assert.Equal(["vda", "vdb"], one.Disks.Select(disk => disk.Target));
        MachineRecord record = new() { Spec = Spec(1, 2), Disks = { one.Disks }, NextDisk = one.NextDisk };
        var two = MachineDisks.Match(Uuid, record, Spec(1));
        Assert.Equal(one.Disks[1], Assert.Single(two.Removed));
        var three = MachineDisks.Match(Uuid, new MachineRecord { Spec = Spec(1), Disks = { two.Disks }, NextDisk = two.NextDisk }, Spec(1, 2));
        Assert.NotEqual(one.Disks[1].Path, Assert.Single(three.Added).Path);
    }

    [Fact]
    public void CardsAreToldTheirAddressesAndOneWayOut()
    {
        FabricFacts facts = new() { Networks = { new NetworkFacts { Vni = 1, Cidr = "10.1.0.0/24", Gateway = "10.1.0.1", Mtu = 1330 }, new NetworkFacts { Vni = 2, Cidr = "10.2.0.0/16", Gateway = "10.2.0.1", Mtu = 1280 } } };
        var config = Seed.NetworkConfig([new Lease { Vni = 1, Address = "10.1.0.7", Mac = "52:54:00:00:00:01" }, new Lease { Vni = 2, Address = "10.2.0.7", Mac = "52:54:00:00:00:02" }], facts);
        Assert.Equal(
            """
            version: 2
            ethernets:
              card0:
                match:
                  macaddress: "52:54:00:00:00:01"
                mtu: 1330
                addresses:
                - 10.1.0.7/24
                routes:
                - to: 0.0.0.0/0
                  via: 10.1.0.1
              card1:
                match:
                  macaddress: "52:54:00:00:00:02"
                mtu: 1280
                addresses:
                - 10.2.0.7/16

            """, config);
    }

    [Fact]
    public void ARequestNamesNothingButMachinesImagesAndVolumes()
    {
        var hash = new string('a', 64);
        MachineClaim claim = new() { Uuid = Uuid, Urn = "urn:web", Member = Agent.Machine.MachineFacts.MachineId };
        MachineSpec sound = new() { Name = "web", Vcpus = 1, MemoryMib = 128, Disks = { new DiskSpec { Image = hash }, new DiskSpec { Volume = Uuid }, new DiskSpec { SizeGib = 1, Bus = "scsi" } } };
        MachineRequestCheck.Check(claim, sound);
        Action<MachineSpec>[] bad =
        [
            spec => spec.Name = "../web",
            spec => spec.Name = "",
            spec => spec.Disks[0].Image = "../../../etc/shadow",
            spec => spec.Disks[1].Volume = "../../other",
            spec => spec.Disks[1].Image = hash,
            spec => spec.Disks[2].Bus = "virtio'/>",
            spec => spec.Disks[2].SizeGib = 0,
            spec => spec.Boot = new BootSpec { Kernel = "x/../../../etc/shadow" },
            spec => spec.Boot = new BootSpec { Kernel = hash, Initrd = "/etc/shadow" },
            spec => spec.Boot = new BootSpec { Kernel = hash, Cmdline = "a\0b" },
            spec => spec.MemoryMib = -1,
            spec => spec.Nics.Add(new NicSpec { Vni = 1 }),
        ];
        Assert.All(bad, change =>
        {
            var spec = sound.Clone();
            change(spec);
            Assert.Equal(AgentFault.BadRequest, Assert.Throws<AgentException>(() => MachineRequestCheck.Check(claim, spec)).Fault);
        });
        Assert.Throws<AgentException>(() => MachineRequestCheck.Check(null, sound));
        Assert.Throws<AgentException>(() => MachineRequestCheck.Check(new MachineClaim(claim) { Uuid = Uuid.ToUpperInvariant() }, sound));
        Assert.Throws<AgentException>(() => MachineRequestCheck.Check(new MachineClaim(claim) { Member = "another" }, sound));
    }

    [Theory]
    [InlineData("""{"return":[{"name":"eth0","ip-addresses":[{"ip-address":"10.0.0.5"},{"ip-address":"fe80::1"},{"ip-address":"169.254.1.1"}]},{"name":"lo","ip-addresses":[{"ip-address":"127.0.0.1"}]}]}""", "10.0.0.5")]
    [InlineData("""{"return":[{"name":"eth0"},{"ip-addresses":[{"ip-address":"<script>"},{"ip-address":"2001:db8::1"}]}]}""", "2001:db8::1")]
    [InlineData("""{"return":"no"}""", "")]
    [InlineData("""[1,2]""", "")]
    [InlineData("""{"return":[{"ip-addresses":[{}]}]}""", "")]
    [InlineData("nonsense", "")]
    public void OfAGuestsWordsOnlyAddressesAreTaken(string answer, string addresses) => Assert.Equal(addresses, string.Join(' ', GuestAgent.Parse(answer)));

    private static MachineSpec Spec(params long[] sizes) => new() { Disks = { sizes.Select(size => new DiskSpec { SizeGib = size }) } };
}
