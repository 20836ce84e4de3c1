using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;

namespace Pulumi.Blanket.Provider.Tests.Support;

/// <summary>From a definition: sound values, and every way in which one property of them can be wrong.</summary>
internal static class BadValues
{
    // The first ones are sound somewhere.
    private static readonly PropertyValue[] Texts =
    [
        "192.0.2.1", "10.0.0.0/16", "a1", new string('0', 64), "f/" + new string('0', 64), "f/1", "f/00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000", "52:54:00:12:34:56",
        "", "   ", "a b", "no such host!", "-x-", "Web_1", "10.0.0.1/8", "198.51.100.7:99999", "a\nb", new string('x', 400), new string('x', 300_000),
    ];

    private static readonly PropertyValue[] Numbers = [1.0, 64.0, -1.0, 0.0, 0.5, 63.0, 70_000.0, 2e7, 2e9];

    /// <summary>What is required, and nothing else.</summary>
    public static ObjectValue Sound(ObjectDefinition definition)
        => new(definition.Properties.Where(property => property.IsRequired).Select(property => KeyValuePair.Create(property.Name, Sound(property, property.Value))));

    /// <summary>The sound object with one property made wrong, one after the other.</summary>
    public static IEnumerable<BadInput> Of(ObjectDefinition definition) => Of(definition, PropertyPath.Root, isSecret: false);

    private static IEnumerable<BadInput> Of(ObjectDefinition definition, PropertyPath path, bool isSecret)
    {
        var sound = Sound(definition);
        var unknown = path.Property("nonsense");
        yield return new(sound.With("nonsense", true), unknown, "nonsense", "there is no property", false);
        foreach (var property in definition.Properties)
        {
            var own = path.Property(property.Name);
            var secret = isSecret || property.IsSecret;
            if (property.IsRequired)
            {
                yield return new(new ObjectValue(sound.Properties.Remove(property.Name)), own, "missing", InputChecker.RequirementOf(property), secret);
            }

            foreach (var bad in Of(property, property.Value, own, secret))
            {
                yield return bad with { Inputs = sound.With(property.Name, bad.Inputs) };
            }
        }
    }

    private static IEnumerable<BadInput> Of(PropertyDefinition property, ValueDefinition definition, PropertyPath path, bool isSecret)
    {
        foreach (var value in Wrong(property, definition))
        {
            yield return new(value, path, Shown(value), InputChecker.RequirementOf(property, definition), isSecret);
        }

        var inner = definition switch
        {
            { Shape: ValueShape.Object } => Of(definition.Object!, path, isSecret),
            { Shape: ValueShape.List } => Of(property, definition.Element!, path.Item(0), isSecret).Select(bad => bad with { Inputs = new ArrayValue([bad.Inputs]) }),
            { Shape: ValueShape.Map } => Of(property, definition.Element!, path.Property("key"), isSecret).Select(bad => bad with { Inputs = ObjectValue.Empty.With("key", bad.Inputs) }),
            _ => [],
        };
        foreach (var bad in inner)
        {
            yield return bad;
        }
    }

    private static IEnumerable<PropertyValue> Wrong(PropertyDefinition property, ValueDefinition definition)
    {
        var candidates = definition.Shape switch
        {
            ValueShape.Text => Texts,
            ValueShape.Integer or ValueShape.Number => Numbers,
            ValueShape.List => (PropertyValue[])[new ArrayValue([]), new ArrayValue([.. Enumerable.Repeat(Sound(property, definition.Element!), 300)])],
            _ => [],
        };
        var ofCollections = definition.Shape is ValueShape.List or ValueShape.Map;
        foreach (var rule in property.Rules.Where(rule => rule.OfCollections == ofCollections && definition.Shape != ValueShape.Object))
        {
            Assert.True(candidates.Any(value => !rule.Allows(value)), $"nothing here breaks the rule '{rule.Requirement}' of {property.Name}");
        }

        return candidates.Where(value => property.Rules.Any(rule => rule.OfCollections == ofCollections && !rule.Allows(value)))
            .Concat(definition.Shape switch
            {
                ValueShape.Text => [7.0, true, new ArrayValue([])],
                ValueShape.Integer => ["seven", 1.5, ObjectValue.Empty],
                ValueShape.Number or ValueShape.Boolean => ["seven", new ArrayValue([])],
                ValueShape.Enumeration => ["nonsense", 7.0],
                ValueShape.List or ValueShape.Map or ValueShape.Object => ["seven", true],
                _ => Array.Empty<PropertyValue>(),
            });
    }

    public static PropertyValue Sound(PropertyDefinition property, ValueDefinition definition)
    {
        var rules = property.Rules.Where(rule => rule.OfCollections == (definition.Shape is ValueShape.List or ValueShape.Map)).ToList();
        return definition.Shape switch
        {
            ValueShape.Text => Texts.First(value => rules.All(rule => rule.Allows(value))),
            ValueShape.Integer or ValueShape.Number => Numbers.First(value => rules.All(rule => rule.Allows(value))),
            ValueShape.Boolean => true,
            ValueShape.Enumeration => definition.Enumeration!.Values[0].Value,
            ValueShape.List => new ArrayValue([Sound(property, definition.Element!)]),
            ValueShape.Object => Sound(definition.Object!),
            _ => ObjectValue.Empty,
        };
    }

    /// <summary>How a message shows it.</summary>
    private static string Shown(PropertyValue value) => value switch
    {
        StringValue { Text.Length: 0 } => "an empty text",
        StringValue { Text: var text } => text.Length > 60 ? text[..60] : text,
        BoolValue { Truth: var truth } => truth ? "true" : "false",
        ArrayValue => "a list",
        ObjectValue => "an object",
        NumberValue { Number: var number } => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        _ => "",
    };
}
