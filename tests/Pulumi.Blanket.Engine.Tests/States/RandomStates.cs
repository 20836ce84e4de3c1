using System.Collections.Immutable;
using System.Text.Json;
using CsCheck;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Engine.Tests.Programs;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Tests.States;

/// <summary>Random states, with property values of every kind that a state has a form for.</summary>
internal static class RandomStates
{
    private static readonly string[] OddNames = ["a.b", "x[0]", "\"quoted\"", "back\\slash", "ümlaut", " ", "__proto__"];

    private static readonly Gen<string> Name = Gen.OneOf(Gen.String[Gen.Char.AlphaNumeric, 1, 6], Gen.Int[0, OddNames.Length - 1].Select(index => OddNames[index]));

    private static readonly Gen<string> Text = Gen.OneOf(Gen.String[Gen.Char['\u0000', '\uD7FF'], 0, 8], Gen.Const(""));

    private static readonly Gen<string> Maybe = Gen.OneOf(Gen.Const(""), Name);

    private static readonly Gen<ImmutableArray<string>> Names = Name.Array[0, 3].Select(names => names.ToImmutableArray());

    private static readonly Gen<PropertyValue> Leaf = Gen.OneOf(
        Gen.Const((PropertyValue)NullValue.Instance),
        Gen.Bool.Select(truth => (PropertyValue)new BoolValue(truth)),
        Gen.OneOf(Gen.Double[-1e30, 1e30], Gen.Double[-1, 1], Gen.Int.Select(number => (double)number), Gen.Const(-0.0), Gen.Const(double.Epsilon)).Select(number => (PropertyValue)new NumberValue(number)),
        Text.Select(text => (PropertyValue)new StringValue(text)),
        Gen.Const((PropertyValue)UnknownValue.Text),
        Gen.Const((PropertyValue)ObjectValue.Empty),
        Gen.Select(Text, Maybe).Select((text, hash) => (PropertyValue)new AssetValue(text, null, null, hash)),
        Name.Select(path => (PropertyValue)new AssetValue(null, path, null, "")),
        Name.Select(uri => (PropertyValue)new ArchiveValue(null, null, uri, "")),
        Gen.Byte.Array[0, 8].Select(bytes => (PropertyValue)new ByteStringValue([.. bytes])),
        Gen.Select(Name, Gen.OneOf(Gen.Const((PropertyValue?)null), Name.Select(text => (PropertyValue?)new StringValue(text)), Gen.Const((PropertyValue?)UnknownValue.Text)), Maybe)
            .Select((urn, id, version) => (PropertyValue)new ResourceReferenceValue(urn, id, version)));

    private static readonly Gen<ObjectValue> Properties = ObjectsOf(AtDepth(3));

    private static readonly Gen<DateTimeOffset?> Time = Gen.OneOf(
        Gen.Const((DateTimeOffset?)null), Gen.Long[0, 3_000_000_000L * TimeSpan.TicksPerSecond].Select(ticks => (DateTimeOffset?)(DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(ticks))));

    public static Gen<PropertyValue> Values { get; } = AtDepth(4);

    public static Gen<ResourceState> Resources { get; } =
        from identity in Gen.Select(Name, Name, Maybe, Maybe)
        from properties in Gen.Select(Properties, Properties)
        from truths in Gen.Bool.Array[8]
        from lists in Names.Array[7]
        from texts in Maybe.Array[4]
        from times in Gen.Select(Time, Time)
        from timeouts in Gen.Int[0, 2].Array[3]
        from dependencies in Gen.OneOf(Gen.Const((ImmutableSortedDictionary<string, ImmutableArray<string>>?)null), Gen.Select(Name, Names).Select((name, urns) => (ImmutableSortedDictionary<string, ImmutableArray<string>>?)ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty.Add(name, urns)))
        select new ResourceState
        {
            Urn = $"urn:pulumi:s::p::{identity.Item1}::{identity.Item2}",
            Type = identity.Item1,
            Id = identity.Item3,
            Parent = identity.Item4,
            Inputs = properties.Item1,
            Outputs = properties.Item2,
            Custom = truths[0],
            Delete = truths[1],
            Protect = truths[2],
            Taint = truths[3],
            External = truths[4],
            PendingReplacement = truths[5],
            RetainOnDelete = truths[6],
            RefreshBeforeUpdate = truths[7],
            Dependencies = lists[0],
            InitErrors = lists[1],
            AdditionalSecretOutputs = lists[2],
            Aliases = lists[3],
            ReplaceWith = lists[4],
            IgnoreChanges = lists[5],
            ReplaceOnChanges = lists[6],
            Provider = texts[0],
            ImportId = texts[1],
            DeletedWith = texts[2],
            ViewOf = texts[3],
            Created = times.Item1,
            Modified = times.Item2,
            CustomTimeouts = new CustomTimeouts(timeouts[0], timeouts[1], timeouts[2]),
            PropertyDependencies = dependencies,
            Others = ImmutableSortedDictionary<string, JsonElement>.Empty.Add("sourcePosition", JsonSerializer.SerializeToElement("project:///Pulumi.yaml#3,4")),
        };

    public static Gen<Snapshot> Snapshots { get; } = Gen.Select(Resources.Array[0, 6], Resources.Array[0, 2]).Select((resources, pending) => new Snapshot
    {
        Resources = [.. resources],
        PendingOperations = [.. pending.Select(resource => new PendingOperation(resource, PendingOperation.Creating))],
    });

    private static Gen<PropertyValue> AtDepth(int depth) => depth == 0 ? Leaf : Gen.Frequency(
        (3, Leaf),
        (1, AtDepth(depth - 1).Array[0, 3].Select(items => (PropertyValue)new ArrayValue([.. items]))),
        (2, ObjectsOf(AtDepth(depth - 1)).Select(value => (PropertyValue)value)),
        (1, AtDepth(depth - 1).Select(inner => (PropertyValue)new SecretValue(inner))),
        (1, ObjectsOf(Leaf).Select(assets => (PropertyValue)new ArchiveValue(assets.Properties, null, null, "h"))));

    private static Gen<ObjectValue> ObjectsOf(Gen<PropertyValue> values)
        => Gen.Select(Name, values).Array[0, 4].Select(pairs => new ObjectValue(
            pairs.DistinctBy(pair => pair.Item1).ToImmutableSortedDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal)));
}
