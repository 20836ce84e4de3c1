using CsCheck;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Diffs;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Resources;
using Pulumi.Blanket.Provider.Tests.Support;
using static Pulumi.Blanket.Provider.Tests.Support.Objects;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>What holds for all inputs, sound or not.</summary>
public sealed class PropertyTests
{
    private const int Iterations = 500;

    private static readonly Gen<string> Word = Gen.OneOf("h1", "10.0.0.1", "10.0.0.0/8", "a", "", "web-1", "work", "half", "a password", "ümlaut \"x\"");

    private static readonly Gen<PropertyValue> Scalar = Gen.OneOf(
        Word.Select(text => (PropertyValue)text), Gen.Int[0, 200].Select(number => (PropertyValue)(double)number), Gen.Double[0, 5].Select(number => (PropertyValue)number),
        Gen.Bool.Select(truth => (PropertyValue)truth), Gen.Const((PropertyValue)NullValue.Instance), Gen.Const((PropertyValue)UnknownValue.Text));

    private static readonly Gen<string> Name = Gen.OneOf(
        "name", "address", "port", "size", "limit", "rate", "on", "mode", "zone", "follows", "password", "labels", "disks", "cidrs", "gateway", "extra", "note", "adress", "a.b");

    // Any value anywhere: most of these inputs are at fault somewhere.
    private static readonly Gen<ObjectValue> Any = Inputs(ValueAt(3));

    // Each property with values of its type: these inputs are sound, or nearly.
    private static readonly Gen<ObjectValue> Sound = Gen.Select(
        Gen.OneOf("h1", "h2"), Maybe("zone", Word), Maybe("size", Gen.Int[1, 3]), Maybe("password", Gen.OneOf("password-1", "password-2")),
        Gen.Select(Gen.OneOf("a", "b.c", "d"), Word).Array[0, 3], Gen.Int[1, 3].Array[0, 2], Gen.Int[0, 3])
        .Select((address, zone, size, password, labels, disks, wrapped) =>
        {
            var inputs = Of(("address", address), ("labels", new ObjectValue(labels.DistinctBy(label => label.Item1).Select(label => KeyValuePair.Create(label.Item1, (PropertyValue)label.Item2)))));
            foreach (var (name, value) in new[] { zone, size, password })
            {
                inputs = value is null ? inputs : inputs.With(name, wrapped == 1 ? Secret(value) : wrapped == 2 ? new OutputValue(value, false, ["urn:x"]) : value);
            }

            return disks.Length == 0 ? inputs : inputs.With("disks", List([.. disks.Select(disk => Of(("sizeGiB", disk)))]));
        });

    private static readonly ThingResource Thing = new();

    [Fact]
    public void Check_is_idempotent() => Any.Sample(inputs =>
    {
        var once = Check(inputs);
        var twice = Check(once.Inputs);
        Assert.Equal(once.Inputs, twice.Inputs);
        Assert.Equal(once.Faults, twice.Faults);
    }, iter: Iterations);

    [Fact]
    public void Check_keeps_every_value_of_the_user() => Any.Sample(inputs =>
    {
        var kept = Check(inputs).Inputs;
        foreach (var (name, value) in inputs.Properties.Where(pair => pair.Value.Bare is not (NullValue or ObjectValue or ArrayValue)))
        {
            Assert.Equal(value.Bare, kept[name]!.Bare);
        }
    }, iter: Iterations);

    [Fact]
    public void Inputs_without_fault_can_be_planned_with() => Any.Sample(inputs =>
    {
        var (kept, faults) = Check(inputs);
        if (faults.Count == 0)
        {
            Thing.RunDiff(new DiffCall("id", "urn", kept, kept, kept, []));
        }
    }, iter: Iterations);

    [Fact]
    public void Diff_of_equal_inputs_is_none() => Sound.Sample(inputs =>
    {
        var kept = Check(inputs).Inputs;
        Assert.Empty(Thing.RunDiff(new DiffCall("id", "urn", kept, kept, kept, [])).Entries);
        Assert.Empty(Thing.RunDiff(new DiffCall("id", "urn", inputs.With("name", kept["name"]!), kept, kept, [])).Entries);
    }, iter: Iterations);

    [Fact]
    public async Task Names_and_paths_of_a_diff_agree()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        await Gen.Select(Any, Any).SampleAsync(async (olds, news) =>
        {
            var response = await plugin.Engine.DiffAsync(ThingResource.Type, "web", "id", olds, ObjectValue.Empty, news);
            Assert.True(response.HasDetailedDiff);
            Assert.Equal(response.Changes == DiffResponse.Types.DiffChanges.DiffNone, response.Diffs.Count == 0);
            Assert.Equal(response.Diffs.Order(StringComparer.Ordinal), response.DetailedDiff.Keys.Select(path => PropertyPath.Parse(path).TopLevel!).Distinct().Order(StringComparer.Ordinal));
            Assert.Equal(
                response.Replaces.Order(StringComparer.Ordinal),
                response.DetailedDiff.Where(pair => pair.Value.Kind.ToString().EndsWith("Replace", StringComparison.Ordinal)).Select(pair => PropertyPath.Parse(pair.Key).TopLevel!).Distinct().Order(StringComparer.Ordinal));
        }, iter: Iterations, threads: 1);
    }

    [Fact]
    public void Records_survive_being_written_and_read() => Sound.Sample(inputs =>
    {
        RecordCodec<ThingInputs> codec = new(ThingJson.Default.ThingInputs);
        var kept = codec.Definition.Complete(Check(inputs).Inputs);
        var written = codec.Encode(codec.Decode(kept));
        Assert.Empty(PropertyComparer.Compare(kept, written));
    }, iter: 200);

    private static (ObjectValue Inputs, IReadOnlyList<InputFault> Faults) Check(ObjectValue inputs)
    {
        var answer = Thing.RunCheck(new CheckCall("urn", "web", ObjectValue.Empty, inputs, new byte[] { 1, 2, 3 }, AutoNaming.Default));
        return (answer.Inputs, answer.Faults);
    }

    private static Gen<(string Name, PropertyValue? Value)> Maybe(string name, Gen<string> values)
        => Gen.Select(values, Gen.Bool).Select((value, there) => (name, there ? (PropertyValue?)value : null));

    private static Gen<(string Name, PropertyValue? Value)> Maybe(string name, Gen<int> values)
        => Gen.Select(values, Gen.Bool).Select((value, there) => (name, there ? (PropertyValue?)(double)value : null));

    internal static Gen<PropertyValue> ValueAt(int depth) => depth == 0 ? Scalar : Gen.Frequency(
        (5, Scalar),
        (1, ValueAt(depth - 1).Array[0, 3].Select(items => (PropertyValue)new ArrayValue([.. items]))),
        (1, Gen.Select(Gen.OneOf("sizeGiB", "bus", "key", "x", "a.b"), ValueAt(depth - 1)).Array[0, 3]
            .Select(pairs => (PropertyValue)new ObjectValue(pairs.DistinctBy(pair => pair.Item1).Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2))))),
        (1, ValueAt(depth - 1).Select(inner => (PropertyValue)new SecretValue(inner))),
        (1, Gen.Select(ValueAt(depth - 1), Gen.Bool).Select((inner, secret) => (PropertyValue)new OutputValue(inner, secret, ["urn:x"]))));

    private static Gen<ObjectValue> Inputs(Gen<PropertyValue> values)
        => Gen.Select(Name, values).Array[0, 8].Select(pairs => new ObjectValue(pairs.DistinctBy(pair => pair.Item1).Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2))));
}
