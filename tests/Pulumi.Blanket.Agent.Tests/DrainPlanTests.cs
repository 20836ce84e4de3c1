using CsCheck;
using Pulumi.Blanket.Agent.Moving;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>Where machines of a host go that is emptied.</summary>
public sealed class DrainPlanTests
{
    private static readonly IReadOnlySet<string> Nobody = new HashSet<string>();

    [Fact]
    public void EachGoesToTheHostItNamesElseToTheOneWithMostRoom()
    {
        var facts = Fabric(("source", 8), ("small", 4), ("large", 6));
        Hold(facts, "one", 1);
        Hold(facts, "two", 2);
        var plan = Plan(facts, ("one", "small"), ("two", "source"));
        Assert.Equal("small", plan.Targets["one"].MachineId);
        Assert.Equal("large", plan.Targets["two"].MachineId);

        // The one that it names is full: it goes, all the same.
        Hold(facts, "there", 4, "small");
        Assert.Equal("large", Plan(facts, ("one", "small")).Targets["one"].MachineId);
        Assert.All(facts.Machines, machine => Assert.Empty(machine.MovingTo)); // a plan is no change
    }

    [Fact]
    public void WhoTakesNothingOrDoesNotAnswerIsNoPlace()
    {
        var facts = Fabric(("source", 8), ("b", 4), ("c", 4), ("d", 4));
        Hold(facts, "one", 1);
        facts.Members[1].Departing = true;
        facts.Members[2].Settings.Schedulable = false;
        Assert.Equal("d", Plan(facts, ("one", "c")).Targets["one"].MachineId);
        var plan = DrainPlan.Make(facts, "source", [("one", "one", "")], new HashSet<string> { "d" });
        Assert.Empty(plan.Targets);
        Assert.StartsWith("one: no other member takes machines", Assert.Single(plan.Homeless), StringComparison.Ordinal);
        Assert.StartsWith("two, of which the fabric's registry knows nothing", Assert.Single(Plan(facts, ("two", "")).Homeless), StringComparison.Ordinal);
    }

    /// <summary>Whatever is there: all that is planned fits together, and who has no place says what is lacking.</summary>
    [Fact]
    public void AllThatIsPlannedFitsTogether() => Gen.Select(Gen.Int[1, 9].Array[2, 5], Gen.Int[1, 4].Array[0, 12]).Sample((members, machines) =>
    {
        var facts = Fabric([("source", 99), .. members.Select((gib, number) => ($"m{number}", gib))]);
        for (var number = 0; number < machines.Length; number++)
        {
            Hold(facts, $"vm{number}", machines[number]);
        }

        var plan = Plan(facts, [.. machines.Select((_, number) => ($"vm{number}", "m0"))]);
        Assert.Equal(machines.Length, plan.Targets.Count + plan.Homeless.Count);
        foreach (var claim in facts.Machines.Where(claim => plan.Targets.ContainsKey(claim.Uuid)))
        {
            claim.Member = plan.Targets[claim.Uuid].MachineId;
        }

        Assert.All(facts.Members, member => Assert.True(MemberRoom.Of(facts, member).MemoryMib >= 0, $"{member.MachineId} is full"));
        Assert.All(plan.Homeless, why => Assert.Contains("MiB of memory are wanted", why, StringComparison.Ordinal));
    });

    private static DrainPlan Plan(FabricFacts facts, params (string Uuid, string SettledHost)[] machines)
        => DrainPlan.Make(facts, "source", machines.Select(machine => (machine.Uuid, machine.Uuid, machine.SettledHost)), Nobody);

    private static void Hold(FabricFacts facts, string uuid, int memoryGiB, string member = "source")
        => facts.Machines.Add(new MachineClaim { Uuid = uuid, Name = uuid, Member = member, Vcpus = 1, MemoryMib = memoryGiB << 10 });

    private static FabricFacts Fabric(params (string Name, int MemoryGiB)[] members)
    {
        FabricFacts facts = new();
        foreach (var (name, memory) in members)
        {
            facts.Members.Add(new Member { MachineId = name, Settings = new HostSettings { Name = name, Schedulable = true }, Capacity = new Capacity { Vcpus = 99, MemoryMib = memory << 10, StorageGib = 99 } });
        }

        return facts;
    }
}
