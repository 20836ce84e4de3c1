using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CsCheck;

namespace Pulumi.Blanket.Engine.Tests.Deployments;

/// <summary>A program of up to six things, of which each may depend on those before it in every way that Pulumi knows.</summary>
/// <param name="NeedOfP">Slot of the thing after which the provider p has its region; nothing where it is not in the program.</param>
internal sealed record RandomProgram(ImmutableArray<RandomThing> Things, string RegionOfP, string RegionOfQ, int NeedOfP)
{
    public const int Slots = 6;

    public static RandomProgram Empty { get; } = new([], "eu", "eu", Slots);

    public static Gen<RandomProgram> Any { get; } =
        from things in RandomThing.Any.Array[Slots]
        from present in Gen.Frequency((4, Gen.Const(true)), (1, Gen.Const(false))).Array[Slots]
        from regions in Gen.Select(Gen.OneOf(Gen.Const("eu"), Gen.Const("us")), Gen.OneOf(Gen.Const("eu"), Gen.Const("us")))
        from need in Gen.Frequency((3, Gen.Const(Slots)), (1, Gen.Int[0, Slots - 2]))
        select new RandomProgram([.. things.Select((thing, slot) => thing with { Slot = slot }).Where(thing => present[thing.Slot])], regions.Item1, regions.Item2, need);

    /// <summary>This program with some of its things as another has them, as programs change in life.</summary>
    public RandomProgram With(RandomProgram other, ImmutableArray<bool> changed)
        => new([.. Enumerable.Range(0, Slots).SelectMany(slot => (changed[slot] ? other : this).Things.Where(thing => thing.Slot == slot))], other.RegionOfP, other.RegionOfQ, other.NeedOfP);

    public IEnumerable<string> Names => Things.Select(thing => thing.Name);

    public string ToYaml()
    {
        // Who comes before what p needs, or is that, can't be on p.
        var needed = Things.FirstOrDefault(thing => thing.Slot == NeedOfP);
        var things = ImmutableArray.CreateRange(Things, thing => needed is not null && thing.Provider == "p" && thing.Slot <= needed.Slot ? thing with { Provider = "" } : thing);
        JsonObject resources = [];
        foreach (var (name, region) in ((string, string)[])[("p", needed is null ? RegionOfP : $"${{{needed.Name}.arn}}"), ("q", RegionOfQ)])
        {
            if (things.Any(thing => thing.Provider == name))
            {
                resources[name] = new JsonObject { ["type"] = "pulumi:providers:probe", ["properties"] = new JsonObject { ["region"] = region } };
            }
        }

        foreach (var thing in things)
        {
            resources[thing.Name] = thing.ToJson(slot => Things.FirstOrDefault(other => other.Slot == slot && other.Slot < thing.Slot)?.Name);
        }

        return $"resources: {resources.ToJsonString()}";
    }

    public override string ToString() => ToYaml();
}
