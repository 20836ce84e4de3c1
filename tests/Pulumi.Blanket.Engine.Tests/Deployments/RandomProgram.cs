using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CsCheck;

namespace Pulumi.Blanket.Engine.Tests.Deployments;

/// <summary>A program of up to six things, of which each may depend on those before it in every way that Pulumi knows.</summary>
internal sealed record RandomProgram(ImmutableArray<RandomThing> Things, string RegionOfP, string RegionOfQ)
{
    public const int Slots = 6;

    public static RandomProgram Empty { get; } = new([], "eu", "eu");

    public static Gen<RandomProgram> Any { get; } =
        from things in RandomThing.Any.Array[Slots]
        from present in Gen.Frequency((4, Gen.Const(true)), (1, Gen.Const(false))).Array[Slots]
        from regions in Gen.Select(Gen.OneOf(Gen.Const("eu"), Gen.Const("us")), Gen.OneOf(Gen.Const("eu"), Gen.Const("us")))
        select new RandomProgram([.. things.Select((thing, slot) => thing with { Slot = slot }).Where(thing => present[thing.Slot])], regions.Item1, regions.Item2);

    /// <summary>This program with some of its things as another has them, as programs change in life.</summary>
    public RandomProgram With(RandomProgram other, ImmutableArray<bool> changed)
        => new([.. Enumerable.Range(0, Slots).SelectMany(slot => (changed[slot] ? other : this).Things.Where(thing => thing.Slot == slot))], other.RegionOfP, other.RegionOfQ);

    public IEnumerable<string> Names => Things.Select(thing => thing.Name);

    public string ToYaml()
    {
        JsonObject resources = [];
        foreach (var (name, region) in ((string, string)[])[("p", RegionOfP), ("q", RegionOfQ)])
        {
            if (Things.Any(thing => thing.Provider == name))
            {
                resources[name] = new JsonObject { ["type"] = "pulumi:providers:probe", ["properties"] = new JsonObject { ["region"] = region } };
            }
        }

        foreach (var thing in Things)
        {
            resources[thing.Name] = thing.ToJson(slot => Things.FirstOrDefault(other => other.Slot == slot && other.Slot < thing.Slot)?.Name);
        }

        return $"resources: {resources.ToJsonString()}";
    }

    public override string ToString() => ToYaml();
}
