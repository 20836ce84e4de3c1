using System.Text.Json.Nodes;
using CsCheck;

namespace Pulumi.Blanket.Engine.Tests.Deployments;

/// <summary>
/// One thing of a random program. Other things are named by their slots; one that is not in the program, or not before this one, is nothing.
/// </summary>
/// <param name="IsRenamed">It has the second of its two names, and the other one as an alias.</param>
/// <param name="Provider">Name of a declared one; empty for the default one.</param>
internal sealed record RandomThing(
    bool IsRenamed, string Zone, string Value, int ValueOf, int Follows, int Parent, int DependsOn, int ReplacedWith, bool DeletesFirst, bool IgnoresZone, string Provider, int Views, bool Refreshes)
{
    private const int Nothing = RandomProgram.Slots;

    private static readonly Gen<int> Other = Gen.Frequency((3, Gen.Const(Nothing)), (2, Gen.Int[0, RandomProgram.Slots - 1]));

    private static readonly Gen<int> RareOther = Gen.Frequency((9, Gen.Const(Nothing)), (1, Gen.Int[0, RandomProgram.Slots - 1]));

    private static readonly Gen<bool> Rarely = Gen.Frequency((5, Gen.Const(false)), (1, Gen.Const(true)));

    public static Gen<RandomThing> Any { get; } =
        from renamed in Rarely
        from texts in Gen.Select(Gen.OneOf(Gen.Const(""), Gen.Const("x"), Gen.Const("y")), Gen.OneOf(Gen.Const(""), Gen.Const("one"), Gen.Const("two")))
        from values in Gen.Select(Other, RareOther)
        from others in Gen.Select(RareOther, RareOther, RareOther)
        from truths in Gen.Select(Rarely, Rarely, Rarely)
        from provider in Gen.Frequency((6, Gen.Const("")), (1, Gen.Const("p")), (1, Gen.Const("q")))
        from views in Gen.Frequency((6, Gen.Const(0)), (1, Gen.Const(2)))
        select new RandomThing(
            renamed, texts.Item1, texts.Item2, values.Item1, values.Item2, others.Item1, others.Item2, others.Item3, truths.Item1, truths.Item2, provider, views, truths.Item3);

    public int Slot { get; init; }

    public string Name => NameOf(IsRenamed);

    public JsonObject ToJson(Func<int, string?> nameOf)
    {
        JsonObject properties = [];
        Set("zone", Zone);
        Set("value", nameOf(ValueOf) is { } source ? $"${{{source}.arn}}" : Value);
        Set("follows", nameOf(Follows) is { } followed ? $"${{{followed}.arn}}" : "");
        if (DeletesFirst)
        {
            properties["deleteFirst"] = true;
        }

        if (Refreshes)
        {
            properties["refreshes"] = true;
        }

        if (Views > 0)
        {
            properties["views"] = Views;
        }

        JsonObject options = new() { ["aliases"] = new JsonArray(new JsonObject { ["name"] = NameOf(!IsRenamed) }) };
        SetOther("parent", nameOf(Parent), whole => whole);
        SetOther("dependsOn", nameOf(DependsOn), whole => new JsonArray(whole));
        SetOther("replaceWith", nameOf(ReplacedWith), whole => new JsonArray(whole));
        SetOther("provider", Provider.Length > 0 ? Provider : null, whole => whole);
        if (IgnoresZone)
        {
            options["ignoreChanges"] = new JsonArray("zone");
        }

        return new JsonObject { ["type"] = "probe:Thing", ["properties"] = properties, ["options"] = options };

        void Set(string name, string value)
        {
            if (value.Length > 0)
            {
                properties[name] = value;
            }
        }

        void SetOther(string option, string? name, Func<JsonNode, JsonNode> form)
        {
            if (name is not null)
            {
                options[option] = form($"${{{name}}}");
            }
        }
    }

    private string NameOf(bool renamed) => $"{(char)('a' + Slot)}{(renamed ? "2" : "")}";
}
