using System.Collections.Immutable;
using CsCheck;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Protocol.Tests;

/// <summary>Random property values of every kind, as an engine or a provider may send them.</summary>
internal static class Values
{
    private static readonly string[] OddNames = ["a.b", "x[0]", "\"quoted\"", "back\\slash", "ümlaut", " "];

    private static readonly Gen<string> Name = Gen.OneOf(Gen.String[Gen.Char.AlphaNumeric, 1, 6], Gen.Int[0, OddNames.Length - 1].Select(index => OddNames[index]));

    private static readonly Gen<string> Text = Gen.OneOf(Gen.String[Gen.Char['\u0000', '\uD7FF'], 0, 8], Gen.Const(""));

    private static readonly Gen<PropertyValue> Leaf = Gen.OneOf(
        Gen.Const((PropertyValue)NullValue.Instance),
        Gen.Bool.Select(truth => (PropertyValue)new BoolValue(truth)),
        Gen.OneOf(Gen.Double[-1e9, 1e9], Gen.Int.Select(number => (double)number)).Select(number => (PropertyValue)new NumberValue(number)),
        Text.Select(text => (PropertyValue)new StringValue(text)),
        Gen.Enum<UnknownKind>().Select(kind => (PropertyValue)new UnknownValue(kind)),
        Gen.Select(Text, Name).Select((text, hash) => (PropertyValue)new AssetValue(text, null, null, hash)),
        Name.Select(path => (PropertyValue)new ArchiveValue(null, path, null, "")),
        Gen.Byte.Array[0, 8].Select(bytes => (PropertyValue)new ByteStringValue([.. bytes])),
        Gen.Select(Name, Gen.OneOf(Gen.Const((PropertyValue?)null), Text.Select(text => (PropertyValue?)new StringValue(text)), Gen.Const((PropertyValue?)UnknownValue.Text)))
            .Select((urn, id) => (PropertyValue)new ResourceReferenceValue(urn, id, "1.2.3")));

    public static Gen<PropertyValue> Any { get; } = AtDepth(4);

    public static Gen<ObjectValue> Objects { get; } = ObjectsOf(AtDepth(3));

    private static Gen<PropertyValue> AtDepth(int depth) => depth == 0 ? Leaf : Gen.Frequency(
        (3, Leaf),
        (1, AtDepth(depth - 1).Array[0, 3].Select(items => (PropertyValue)new ArrayValue([.. items]))),
        (2, ObjectsOf(AtDepth(depth - 1)).Select(value => (PropertyValue)value)),
        (1, AtDepth(depth - 1).Select(inner => (PropertyValue)new SecretValue(inner))),
        (1, Gen.Select(AtDepth(depth - 1), Gen.Bool, Name.Array[0, 2]).Select((inner, secret, urns) => (PropertyValue)new OutputValue(inner, secret, [.. urns]))),
        (1, Gen.Select(Gen.Bool, Name.Array[0, 2]).Select((secret, urns) => (PropertyValue)new OutputValue(null, secret, [.. urns]))),
        (1, ObjectsOf(Leaf).Select(assets => (PropertyValue)new ArchiveValue(assets.Properties, null, null, "h"))));

    private static Gen<ObjectValue> ObjectsOf(Gen<PropertyValue> values)
        => Gen.Select(Name, values).Array[0, 4].Select(pairs => new ObjectValue(
            pairs.DistinctBy(pair => pair.Item1).ToImmutableSortedDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal)));
}
