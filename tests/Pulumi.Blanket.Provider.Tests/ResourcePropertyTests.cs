using CsCheck;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Resources;
using Pulumi.Blanket.Provider.Tests.Engine;
using Pulumi.Blanket.Provider.Tests.Support;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>What holds for all inputs of each resource of the package; <see cref="PropertyTests"/> has the same for one that has every kind of property.</summary>
public sealed class ResourcePropertyTests
{
    private const int Iterations = 300;

    private static readonly Package Package = BlanketPackage.Create();

    public static TheoryData<string> Tokens => [.. Package.Resources.Select(resource => resource.Token)];

    /// <summary>Those for which values that are sound each by itself are sound together.</summary>
    public static TheoryData<string> Plain => ["blanket:index:Fabric", "blanket:index:Host", "blanket:index:SshKey"];

    [Theory]
    [MemberData(nameof(Tokens))]
    public void Check_is_idempotent(string token) => Any(token).Sample(inputs =>
    {
        var once = Check(token, inputs);
        var twice = Check(token, once.Inputs);
        Assert.Equal(once.Inputs, twice.Inputs);
        Assert.Equal(once.Faults, twice.Faults);
    }, iter: Iterations);

    [Theory]
    [MemberData(nameof(Plain))]
    public void Diff_of_equal_inputs_is_none(string token) => Sound(token).Sample(inputs =>
    {
        var (kept, faults) = Check(token, inputs);
        Assert.Empty(faults);
        Assert.Empty(Package.Resource(token).RunDiff(new DiffCall("id", "urn", kept, State(token, kept), kept, [])).Entries);
    }, iter: Iterations);

    [Theory]
    [MemberData(nameof(Plain))]
    public async Task Names_and_paths_of_a_diff_agree(string token)
    {
        await using var plugin = await PluginProcess.StartAsync();
        await Gen.Select(Sound(token), Sound(token)).SampleAsync(async (olds, news) =>
        {
            var (old, @new) = (Check(token, olds).Inputs, Check(token, news).Inputs);
            var response = await plugin.Engine.DiffAsync(token, "x", "id", old, State(token, old), @new);
            Assert.True(response.HasDetailedDiff);
            Assert.Equal(response.Changes == DiffResponse.Types.DiffChanges.DiffNone, response.Diffs.Count == 0);
            Assert.Equal(response.Diffs.Order(StringComparer.Ordinal), response.DetailedDiff.Keys.Select(path => PropertyPath.Parse(path).TopLevel!).Distinct().Order(StringComparer.Ordinal));
            Assert.All(response.Replaces, name => Assert.Contains(name, response.Diffs));
        }, iter: 100, threads: 1);
    }

    private static (ObjectValue Inputs, IReadOnlyList<InputFault> Faults) Check(string token, ObjectValue inputs)
    {
        var answer = Package.Resource(token).RunCheck(new CheckCall("urn", "x", ObjectValue.Empty, inputs, new byte[] { 1, 2, 3 }, AutoNaming.Default));
        return (answer.Inputs, answer.Faults);
    }

    /// <summary>As after an update that brought everything about.</summary>
    private static ObjectValue State(string token, ObjectValue inputs)
    {
        var state = new ObjectValue(BadValues.Sound(Package.Resource(token).OutputDefinition).Properties.SetItems(inputs.Properties)).With("schemaVersion", 1);
        return token switch
        {
            "blanket:index:Host" => state.With("agentVersion", PluginVersion.Current),
            "blanket:index:Fabric" => state.With("members", new ArrayValue([.. ((ArrayValue)inputs["hosts"]!.Bare).Items.Select(host => ObjectValue.Empty
                .With("name", ((ObjectValue)host.Bare)["name"]!).With("machineId", ((ObjectValue)host.Bare)["machineId"]!).With("meshAddress", "10.0.0.1").With("status", "active"))])),
            _ => state,
        };
    }

    // Any value in any property: most of these are at fault somewhere.
    private static Gen<ObjectValue> Any(string token)
    {
        var names = Package.Resource(token).InputDefinition.Properties.Select(property => property.Name).Append("nonsense").ToArray();
        return Gen.Select(Gen.Int[0, names.Length - 1].Select(index => names[index]), PropertyTests.ValueAt(3)).Array[0, 8]
            .Select(pairs => new ObjectValue(pairs.DistinctBy(pair => pair.Item1).Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2))));
    }

    // What is required, and some of the rest.
    private static Gen<ObjectValue> Sound(string token) => Gen.Int.Select(seed =>
    {
        Random random = new(seed);
        var inputs = BadValues.Sound(Package.Resource(token).InputDefinition);
        foreach (var property in Package.Resource(token).InputDefinition.Properties.Where(property => !property.IsRequired && property.Name is not ("privateKey" or "privateKeyPassword" or "hostKey" or "layer" or "proxyJump") && random.Next(2) == 0))
        {
            inputs = inputs.With(property.Name, BadValues.Sound(property, property.Value));
        }

        return random.Next(3) switch
        {
            0 => inputs,
            1 => new ObjectValue(inputs.Properties.Select(pair => KeyValuePair.Create(pair.Key, (PropertyValue)new OutputValue(pair.Value, false, ["urn:x"])))),
            _ => new ObjectValue(inputs.Properties.Select(pair => KeyValuePair.Create(pair.Key, (PropertyValue)new SecretValue(pair.Value)))),
        };
    });
}
