using CsCheck;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>What is registered on a fabric: room is never promised twice, addresses never given twice, and what was cut is found again.</summary>
public sealed class RegistryTests
{
    private static readonly IReadOnlySet<string> Nobody = new HashSet<string>();

    private enum Step
    {
        Claim,
        Change,
        Release,
        Move,
        Settle,
    }

    [Fact]
    public void TheMemberWithMostRoomIsChosenAmongThoseThatAnswer()
    {
        var facts = Fabric();
        Assert.Equal("b", Claim(facts, "one").Member);
        Assert.Equal("c", Claim(facts, "two", silent: ["b"]).Member);
        var named = Claim(facts, "three", request => request.Host = "host-a");
        Assert.Equal("a", named.Member);
        facts.Members[1].Settings.Schedulable = false;
        Assert.Equal("c", Claim(facts, "four").Member);
        Assert.Contains("`schedulable`", Refusal(() => Claim(facts, "five", request => request.Host = "host-b")), StringComparison.Ordinal);
        Assert.Contains("host-a, host-b, host-c", Refusal(() => Claim(facts, "five", request => request.Host = "host-x")), StringComparison.Ordinal);
    }

    /// <summary>Disks fill up and are emptied by themselves, and members tell it a moment later; what a host promises of the rest, only its owner changes.</summary>
    [Theory]
    [InlineData("host-a", 0, true)]
    [InlineData("", 0, true)]
    [InlineData("host-a", 1 << 20, false)]
    [InlineData("", 1 << 20, false)]
    public void OnlyWantOfStorageMayPass(string host, int memoryMib, bool mayPass)
    {
        var facts = Fabric();
        var fault = Assert.Throws<AgentException>(() => Claim(facts, "large", request => (request.Host, request.MemoryMib, request.StorageMib) = (host, memoryMib, mayPass ? 1 << 20 : 0)));
        Assert.Contains(mayPass ? "MiB of storage are wanted" : "MiB of memory are wanted", fault.Message, StringComparison.Ordinal);
        Assert.Equal(mayPass, fault.MayPass);
    }

    [Fact]
    public void OneThatStandsStillLeavesItsPlaceToOneAlone()
    {
        var facts = Fabric();
        var claims = ((string[])["a", "b"]).Select(member => Claim(facts, $"on-{member}", request =>
        {
            request.Host = $"host-{member}";
            request.MemoryMib = facts.Members.First(known => known.MachineId == member).Capacity.MemoryMib;
        })).ToArray();
        claims[0].MemoryMib = claims[1].MemoryMib = Math.Min(claims[0].MemoryMib, claims[1].MemoryMib);
        facts.Members[0].Capacity.MemoryMib = facts.Members[1].Capacity.MemoryMib = claims[0].MemoryMib;
        Assert.Contains("no room", Refusal(() => ClaimChange.HoldMove(facts, claims[1].Uuid, "a")), StringComparison.Ordinal);

        Assert.Equal(PlaceState.Free, ClaimChange.Yield(facts, claims[0].Uuid, "b", claims[1].Uuid, standsStill: false));
        Assert.Contains("no room", Refusal(() => ClaimChange.HoldMove(facts, claims[1].Uuid, "a")), StringComparison.Ordinal);
        ClaimChange.Yield(facts, claims[0].Uuid, "b", claims[1].Uuid, standsStill: true);
        Assert.Contains("has let another one go first", Refusal(() => ClaimChange.Yield(facts, claims[1].Uuid, "a", claims[0].Uuid, standsStill: false)), StringComparison.Ordinal);
        Assert.Contains("no room on host-a", Refusal(() => Claim(facts, "third", request => request.Host = "host-a")), StringComparison.Ordinal);
        ClaimChange.HoldMove(facts, claims[1].Uuid, "a");
        Assert.Equal(PlaceState.Pending, ClaimChange.Yield(facts.Clone(), claims[0].Uuid, "b", "", standsStill: false));

        // The other one has arrived: this one has no way back, and the other one's place, which nobody else gets, to go to.
        ClaimChange.SettleMove(facts, claims[1].Uuid, "a");
        Assert.Equal(PlaceState.Taken, ClaimChange.Yield(facts.Clone(), claims[0].Uuid, "b", "", standsStill: false));
        Assert.Contains("no room on host-b", Refusal(() => Claim(facts, "third", request => request.Host = "host-b")), StringComparison.Ordinal);
        ClaimChange.HoldMove(facts, claims[0].Uuid, "b");
        ClaimChange.SettleMove(facts, claims[0].Uuid, "b");
        Assert.Equal(("b", "", "", false), (claims[0].Member, claims[0].MovingTo, claims[0].YieldsTo, claims[0].StandsStill));
    }

    [Fact]
    public void OneThatDoesNotYieldAfterAllHasItsPlace()
    {
        var facts = Fabric();
        var (one, other) = (Claim(facts, "one", request => request.Host = "host-a"), Claim(facts, "other", request => request.Host = "host-b"));
        ClaimChange.Yield(facts, one.Uuid, "b", other.Uuid, standsStill: true);
        Assert.Equal(PlaceState.Free, ClaimChange.Yield(facts, one.Uuid, "b", "", standsStill: false));
        Assert.Equal(("a", "", "", false), (one.Member, one.MovingTo, one.YieldsTo, one.StandsStill));
    }

    [Fact]
    public void WhatWasCutIsFoundAgainAndNotDoubled()
    {
        var facts = Fabric();
        var first = Claim(facts, "web");
        var again = Claim(facts, "web");
        Assert.Equal(first, again);
        Assert.Single(facts.Machines);

        // An id that the engine knows is another machine: the new half of a replacement.
        var successor = Claim(facts, "web", request => request.NamedIds.Add(first.Uuid));
        Assert.NotEqual(first.Uuid, successor.Uuid);
        Assert.NotEqual(first.Leases[0].Address, successor.Leases[0].Address);

        // Its member is lost, on the user's word: it may be made elsewhere, as the same.
        var moved = Claim(facts, "web", request =>
        {
            request.NamedIds.Add(first.Uuid);
            request.Lost.Add(successor.Member);
        }, silent: [successor.Member]);
        Assert.Equal(successor.Uuid, moved.Uuid);
        Assert.NotEqual(successor.Member, moved.Member);
    }

    [Fact]
    public void AddressesAreTheLowestFreeOnesOrThoseThatWereAskedFor()
    {
        var facts = Fabric();
        Assert.Equal("10.1.0.2", Claim(facts, "one").Leases[0].Address); // .1 is the gateway
        Assert.Equal("10.1.0.5", Claim(facts, "two", request => request.Nics[0].Address = "10.1.0.5").Leases[0].Address);
        Assert.Contains("two has", Refusal(() => Claim(facts, "three", request => request.Nics[0].Address = "10.1.0.5")), StringComparison.Ordinal);
        Assert.Contains("gateway", Refusal(() => Claim(facts, "three", request => request.Nics[0].Address = "10.1.0.1")), StringComparison.Ordinal);
        Assert.Contains("10.1.0.0/29", Refusal(() => Claim(facts, "three", request => request.Nics[0].Address = "10.1.0.7")), StringComparison.Ordinal);
        Assert.Equal(["10.1.0.3", "10.1.0.4", "10.1.0.6"], Enumerable.Range(0, 3).Select(number => Claim(facts, $"more-{number}").Leases[0].Address));
        Assert.Contains("no free address", Refusal(() => Claim(facts, "last")), StringComparison.Ordinal);
        ClaimChange.Release(facts, [facts.Machines[1].Uuid]);
        Assert.Equal("10.1.0.5", Claim(facts, "last").Leases[0].Address);
    }

    [Fact]
    public void ACardKeepsItsLeaseWhateverElseChanges()
    {
        var facts = Fabric();
        NetworkChange.Put(facts, new PutNetworkRequest { Urn = "urn:other", Name = "other", Cidr = "10.2.0.0/24" });
        var one = Claim(facts, "one");
        var two = Claim(facts, "one", request =>
        {
            request.Uuid = one.Uuid;
            request.Nics.Insert(0, new NicClaim { Vni = 2 });
        });
        Assert.Equal(one.Leases[0], two.Leases[1]);
        Assert.Equal("10.2.0.2", two.Leases[0].Address);
        Assert.Contains("one", Refusal(() => NetworkChange.Drop(facts, 2)), StringComparison.Ordinal);
    }

    [Fact]
    public void NetworksThatWouldBreakTheMeshAreRefused()
    {
        var facts = Fabric();
        Assert.Contains("mesh", Refusal(() => NetworkChange.Put(facts, new PutNetworkRequest { Urn = "u", Name = "n", Cidr = "10.213.0.0/20" })), StringComparison.Ordinal);
        Assert.Contains("cidr", Refusal(() => NetworkChange.Put(facts, new PutNetworkRequest { Urn = "u", Name = "n", Cidr = "10.3.0.0/31" })), StringComparison.Ordinal);
        Assert.Contains("gateway", Refusal(() => NetworkChange.Put(facts, new PutNetworkRequest { Urn = "u", Name = "n", Cidr = "10.3.0.0/24", Gateway = "10.3.1.1" })), StringComparison.Ordinal);
        Assert.Contains("mtu", Refusal(() => NetworkChange.Put(facts, new PutNetworkRequest { Urn = "u", Name = "n", Cidr = "10.3.0.0/24", Mtu = 1400 })), StringComparison.Ordinal);
        var made = NetworkChange.Put(facts, new PutNetworkRequest { Urn = "u", Name = "n", Cidr = "10.3.0.0/24" });
        Assert.Equal(made, NetworkChange.Put(facts, new PutNetworkRequest { Urn = "u", Name = "n", Cidr = "10.3.0.0/24" })); // what was cut is found again
        Assert.NotEqual(made.Vni, NetworkChange.Put(facts, new PutNetworkRequest { Urn = "u", Name = "n", Cidr = "10.3.0.0/24", NamedIds = { NetworkChange.IdOf(facts, made) } }).Vni);
    }

    [Fact]
    public void MembersThatNetworksNameAreKnownByTheirIds()
    {
        var facts = Fabric();
        ExposedPort web = new() { Member = "host-a", Port = 8080, Machine = "web", TargetPort = 80 };
        NetworkServices services = new() { Dns = true, Domain = "n.internal", Egress = Egress.Pinned, EgressMember = "host-b", Exposed = { web } };
        var made = NetworkChange.Put(facts, Request("u", "10.3.0.0/24"));
        Assert.Equal(("b", "a"), (made.Services.EgressMember, made.Services.Exposed[0].Member));
        Assert.Equal(made, NetworkChange.Put(facts, Request("u", "10.3.0.0/24")));
        Assert.Contains("expose[0].port is 8080, which host-a forwards", Refusal(() => NetworkChange.Put(facts, Request("v", "10.4.0.0/24"))), StringComparison.Ordinal);

        services.Exposed[0].Member = "mars";
        Assert.Contains("expose[0].host is 'mars'", Refusal(() => NetworkChange.Put(facts, Request("v", "10.4.0.0/24"))), StringComparison.Ordinal);
        services.Exposed.Clear();
        services.EgressMember = "mars";
        Assert.Contains("egress is 'mars', which is no member of the fabric blue; it has host-a, host-b", Refusal(() => NetworkChange.Put(facts, Request("v", "10.4.0.0/24"))), StringComparison.Ordinal);
        services.Egress = Egress.Nat;
        services.Domain = "x\naddn-hosts=/etc/shadow";
        Assert.Contains("dns.domain", Refusal(() => NetworkChange.Put(facts, Request("v", "10.4.0.0/24"))), StringComparison.Ordinal);
        services.Domain = "n.internal";
        services.NameServers.Add("8.8.8.8\nconf-file=/etc/shadow");
        Assert.Contains("dns.servers", Refusal(() => NetworkChange.Put(facts, Request("v", "10.4.0.0/24"))), StringComparison.Ordinal);

        PutNetworkRequest Request(string urn, string cidr) => new() { Urn = urn, Name = "n", Cidr = cidr, Services = services.Clone() };
    }

    [Fact]
    public void ImagesLiveAsLongAsSomebodyHasThem()
    {
        var facts = Fabric();
        var hash = new string('a', 64);
        ImageChange.Put(facts, new PutImageRequest { Urn = "mine", Sha256 = hash, Name = "mine", Format = ImageFormat.Qcow2 }, "a");
        ImageChange.Put(facts, new PutImageRequest { Urn = "theirs", Sha256 = hash, Name = "theirs", Format = ImageFormat.Qcow2 }, "b");
        Assert.Equal(("mine", "a"), (facts.Images.Single().Name, facts.Images.Single().Home));
        Assert.Contains("format", Refusal(() => ImageChange.Put(facts, new PutImageRequest { Urn = "third", Sha256 = hash, Format = ImageFormat.Raw }, "a")), StringComparison.Ordinal);
        Assert.Contains("not whole", Refusal(() => Claim(facts, "web", request => request.Images.Add(hash))), StringComparison.Ordinal);
        ImageChange.Complete(facts, new CompleteImageRequest { Sha256 = hash, Stored = new StoredImage { Sha256 = hash, VirtualSizeBytes = 5 << 20 } });
        var claim = Claim(facts, "web", request =>
        {
            request.Images.Add(hash);
            request.SizedByImages.Add(hash);
        });
        Assert.Equal(5, claim.StorageMib);
        Assert.True(ImageChange.Drop(facts, new DropImageRequest { Urn = "mine", Sha256 = hash }));
        Assert.Contains("web", Refusal(() => ImageChange.Drop(facts, new DropImageRequest { Urn = "theirs", Sha256 = hash })), StringComparison.Ordinal);
        ClaimChange.Release(facts, [claim.Uuid]);
        Assert.True(ImageChange.Drop(facts, new DropImageRequest { Urn = "theirs", Sha256 = hash }));
        Assert.Empty(facts.Images);

        // Its home leaves: another member is.
        ImageChange.Put(facts, new PutImageRequest { Urn = "mine", Sha256 = hash, Format = ImageFormat.Qcow2 }, "a");
        facts.Members.RemoveAt(0);
        ImageHomes.Move(facts);
        Assert.Equal("b", facts.Images.Single().Home);
    }

    [Fact]
    public void AMachineAndItsVolumesAreOnOneMember()
    {
        var facts = Fabric();
        var volume = ClaimChange.ClaimVolume(facts, new ClaimVolumeRequest { Urn = "urn:data", Name = "data", SizeGib = 1, Host = "host-c" }, Nobody, Uuid);
        Assert.Equal("c", Claim(facts, "web", request => request.Volumes.Add(volume.Uuid)).Member);
        Assert.Contains("used by web", Refusal(() => Claim(facts, "other", request => request.Volumes.Add(volume.Uuid))), StringComparison.Ordinal);
        ClaimChange.Release(facts, [facts.Machines[0].Uuid]);
        Assert.Contains("host-c", Refusal(() => Claim(facts, "web", request =>
        {
            request.Host = "host-a";
            request.Volumes.Add(volume.Uuid);
        })), StringComparison.Ordinal);
    }

    [Fact]
    public void AMoveHoldsRoomOnBothMembersUntilItIsSettled()
    {
        var facts = Fabric();
        var volume = ClaimChange.ClaimVolume(facts, new ClaimVolumeRequest { Urn = "urn:data", Name = "data", SizeGib = 9, Host = "host-b" }, Nobody, Uuid);
        var web = Claim(facts, "web", request =>
        {
            request.MemoryMib = 700;
            request.Volumes.Add(volume.Uuid);
        });
        ClaimChange.HoldMove(facts, web.Uuid, "a");
        Assert.Contains("host-a: 400 MiB of memory are wanted and 300 free", Refusal(() => Claim(facts, "other", request =>
        {
            request.Host = "host-a";
            request.MemoryMib = 400;
        })).Replace("it has no room on ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(1024, MemberRoom.Of(facts, facts.Members[0]).StorageMib);
        Assert.Equal(1024, MemberRoom.Of(facts, facts.Members[1]).StorageMib);

        // It is there, with its volume, and its former place is free.
        Assert.True(ClaimChange.SettleMove(facts, web.Uuid, "a"));
        Assert.False(ClaimChange.SettleMove(facts, web.Uuid, "a"));
        Assert.Equal(("a", "a"), (facts.Machines[0].Member, facts.Volumes[0].Member));
        Assert.Equal(3000, MemberRoom.Of(facts, facts.Members[1]).MemoryMib);

        // One that does not fit holds nothing; one that failed holds nothing any more.
        var large = Claim(facts, "large", request => request.MemoryMib = 1500);
        Assert.Contains("large has no room on host-a", Refusal(() => ClaimChange.HoldMove(facts, large.Uuid, "a")), StringComparison.Ordinal);
        ClaimChange.HoldMove(facts, large.Uuid, "c");
        ClaimChange.SettleMove(facts, large.Uuid, "b");
        Assert.Equal(("b", 2000), (facts.Machines[1].Member, MemberRoom.Of(facts, facts.Members[2]).MemoryMib));
    }

    [Fact]
    public void AtMostSoManyAreOnTheirWayToAMemberAndInAFabric()
    {
        FabricFacts facts = new();
        Assert.Empty(ClaimChange.FindAhead(facts, "web", "a"));
        for (var count = 0; count < ClaimChange.MostMoving; count++)
        {
            facts.Machines.Add(new MachineClaim { Uuid = $"{count}", Name = $"vm-{count}", Member = "a", MovingTo = count < ClaimChange.MostArriving ? "b" : $"c-{count}" });
        }

        Assert.Equal(["vm-0", "vm-1"], ClaimChange.FindAhead(facts, "web", "b").Select(machine => machine.Name));
        Assert.Empty(ClaimChange.FindAhead(facts, "0", "b")); // what is on its way goes on
        Assert.Equal(ClaimChange.MostMoving, ClaimChange.FindAhead(facts, "web", "d").Count);
        facts.Machines[7].MovingTo = "";
        Assert.Empty(ClaimChange.FindAhead(facts, "web", "d"));
    }

    [Fact]
    public void RoomIsNeverPromisedTwice() => Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 11], Gen.Int[1, 6], Gen.Int[1, 400], Gen.Int[0, 3]).List[1, 60].Sample(steps =>
    {
        var facts = Fabric(prefix: 24);
        foreach (var (step, name, vcpus, memory, storage) in steps)
        {
            var known = facts.Machines.FirstOrDefault(claim => claim.Name == $"vm-{name}");
            try
            {
                switch (step)
                {
                    case Step.Release:
                        ClaimChange.Release(facts, [known?.Uuid ?? ""]);
                        break;
                    case Step.Change or Step.Move or Step.Settle when known is null:
                        break;
                    case Step.Move:
                        ClaimChange.HoldMove(facts, known!.Uuid, facts.Members[vcpus % 3].MachineId);
                        break;
                    case Step.Settle:
                        ClaimChange.SettleMove(facts, known!.Uuid, known.MovingTo.Length > 0 && vcpus % 2 == 0 ? known.MovingTo : known.Member);
                        break;
                    default:
                        Claim(facts, $"vm-{name}", request =>
                        {
                            request.Uuid = step == Step.Change ? known!.Uuid : "";
                            request.Vcpus = vcpus;
                            request.MemoryMib = memory;
                            request.StorageMib = storage << 10;
                        });
                        break;
                }
            }
            catch (AgentException fault) when (fault.Fault is AgentFault.NotPossible or AgentFault.NoRoom)
            {
                // No room: what there was is as it was, which is what is looked at.
            }

            Assert.All(facts.Members, member =>
            {
                var room = MemberRoom.Of(facts, member);
                Assert.True(room is { Vcpus: >= 0, MemoryMib: >= 0, StorageMib: >= 0 }, $"{room}");
            });
            Assert.Equal(facts.Machines.Count, facts.Machines.SelectMany(claim => claim.Leases).Select(lease => lease.Address).Distinct().Count());
            Assert.Equal(facts.Machines.Count, facts.Machines.Select(claim => claim.Urn).Distinct().Count());
        }
    });

    // Three members, the second with most memory, and one network of eight addresses.
    private static FabricFacts Fabric(int prefix = 29)
    {
        FabricFacts facts = new() { FabricId = "fabric01", Primary = "a", Settings = new FabricSettings { Name = "blue", MeshCidr = "10.213.0.0/16" } };
        foreach (var (name, memory) in new[] { ("a", 1000), ("b", 3000), ("c", 2000) })
        {
            facts.Members.Add(new Member
            {
                MachineId = name,
                Settings = new HostSettings { Name = $"host-{name}", Schedulable = true, OversubscriptionCpu = 4 },
                Capacity = new Capacity { Vcpus = 4, MemoryMib = memory, StorageGib = 10 },
            });
        }

        NetworkChange.Put(facts, new PutNetworkRequest { Urn = "urn:net", Name = "lan", Cidr = $"10.1.0.0/{prefix}" });
        return facts;
    }

    private static MachineClaim Claim(FabricFacts facts, string name, Action<ClaimMachineRequest>? change = null, string[]? silent = null)
    {
        ClaimMachineRequest request = new() { Urn = $"urn:{name}", Name = name, Vcpus = 1, MemoryMib = 100, Nics = { new NicClaim { Vni = 1 } } };
        change?.Invoke(request);
        return ClaimChange.ClaimMachine(facts, request, silent?.ToHashSet() ?? Nobody, Uuid);
    }

    private static string Uuid() => Guid.NewGuid().ToString();

    private static string Refusal(Action change) => Assert.Throws<AgentException>(change).Message;
}
