using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Engine.Tests.Recordings;
using Pulumi.Blanket.Engine.Tests.Support;
using Pulumi.Blanket.Files;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Tests.States;

/// <summary>States are what Pulumi has, read and written.</summary>
public sealed class CheckpointTests
{
    private const string Stack = "organization/rec/dev";

    private static readonly string? Seed = Environment.GetEnvironmentVariable("BLANKET_SEED");

    [Fact]
    public void Every_recorded_state_is_read_and_written_as_it_was()
    {
        var count = 0;
        foreach (var (name, deployment) in Recording.States())
        {
            // Its passphrase is not known: other secrets stand in for those of the recording, and a time for its times.
            var recorded = (JsonObject)Replace(deployment)!;
            var features = recorded["resources"] is JsonArray resources
                ? resources.SelectMany(resource => (string[])[resource!["refreshBeforeUpdate"] is null ? "" : "refreshBeforeUpdate", resource["viewOf"] is null ? "" : "views"]).Where(feature => feature != "").Distinct().Order().ToArray()
                : [];
            JsonObject file = new() { ["version"] = features.Length > 0 ? 4 : 3, ["deployment"] = recorded };
            if (features.Length > 0)
            {
                file["features"] = new JsonArray([.. features.Select(feature => (JsonNode)feature)]);
            }

            var read = Read(file.ToJsonString());
            CheckpointWriter writer = new(Stack, TestSecrets.Known, read, new FixedTime());
            Same(file, JsonNode.Parse(writer.Export(read.Snapshot))!, name);
            Same(recorded, JsonNode.Parse(writer.Write(read.Snapshot))!["checkpoint"]!["latest"]!, name);
            count++;
        }

        Assert.True(count > 30, $"only {count} states in {Recording.Folder}");
    }

    [Fact]
    public void Every_state_survives_writing_and_reading()
        => RandomStates.Snapshots.Sample(snapshot =>
        {
            var written = new CheckpointWriter(Stack, TestSecrets.Known, time: new FixedTime()).Write(snapshot);
            var read = new CheckpointReader(TestSecrets.KnownSource).Read(written, "state");
            Assert.Equal(Stack, read.Stack);
            Assert.Equal(snapshot.Resources.Length, read.Snapshot.Resources.Length);
            foreach (var (before, after) in snapshot.Resources.Zip(read.Snapshot.Resources))
            {
                Assert.Equal(before.Inputs, after.Inputs);
                Assert.Equal(before.Outputs, after.Outputs);
                Assert.Equal(before.Created, after.Created);
                Assert.Equal(before.PropertyDependencies?.Select(pair => (pair.Key, string.Join(',', pair.Value))), after.PropertyDependencies?.Select(pair => (pair.Key, string.Join(',', pair.Value))));
            }

            // Written once more, every byte is the same: the sealed secrets too.
            Assert.Equal(Encoding.UTF8.GetString(written), Encoding.UTF8.GetString(new CheckpointWriter(Stack, TestSecrets.Known, read, new FixedTime()).Write(read.Snapshot)));
        }, iter: 200, seed: Seed);

    [Fact]
    public void What_a_state_shows_in_the_clear_is_read_as_well()
        => RandomStates.Snapshots.Sample(snapshot =>
        {
            var shown = new CheckpointWriter(Stack, TestSecrets.Known).Export(snapshot, showSecrets: true);
            var read = new CheckpointReader(TestSecrets.None).Read(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(shown)), "state");
            Assert.Equal(snapshot.Resources.Select(resource => resource.Inputs), read.Snapshot.Resources.Select(resource => resource.Inputs));
        }, iter: 200, seed: Seed);

    [Fact]
    public void Secrets_are_never_in_the_file_in_the_clear()
    {
        var resource = Resource("a") with
        {
            Inputs = ObjectValue.Empty.With("password", new SecretValue("hunter2")),
            Outputs = ObjectValue.Empty.With("all", new OutputValue(ObjectValue.Empty.With("password", "hunter2"), true, ["urn:x"])),
        };
        var written = Encoding.UTF8.GetString(new CheckpointWriter(Stack, TestSecrets.Known).Write(new Snapshot { Resources = [resource], PendingOperations = [new PendingOperation(resource, PendingOperation.Creating)] }));
        Assert.DoesNotContain("hunter2", written, StringComparison.Ordinal);
        Assert.DoesNotContain("plaintext", written, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", Encoding.UTF8.GetString(new CheckpointWriter(Stack, TestSecrets.Known).Export(new Snapshot { Resources = [resource] })), StringComparison.Ordinal);
        Assert.Equal(new SecretValue(ObjectValue.Empty.With("password", "hunter2")), Read(written).Snapshot.Resources[0].Outputs["all"]);
    }

    [Fact]
    public void A_secret_that_stays_the_same_stays_sealed_as_it_was_and_another_does_not()
    {
        var first = new CheckpointWriter(Stack, TestSecrets.Known).Write(new Snapshot { Resources = [Resource("a") with { Inputs = ObjectValue.Empty.With("p", new SecretValue("one")).With("q", new SecretValue("two")) }] });
        var read = Read(first);

        // As a provider's answer has it: the same text in another value.
        var next = read.Snapshot.Resources[0] with { Inputs = ObjectValue.Empty.With("p", new SecretValue("one")).With("q", new SecretValue("three")) };
        var second = new CheckpointWriter(Stack, TestSecrets.Known, read).Write(new Snapshot { Resources = [next] });
        Assert.Equal(Sealed(first, "p"), Sealed(second, "p"));
        Assert.NotEqual(Sealed(first, "q"), Sealed(second, "q"));

        // Under another salt nothing can stay.
        var other = PassphraseSecrets.Create(TestSecrets.KnownSource);
        Assert.NotEqual(Sealed(first, "p"), Sealed(new CheckpointWriter(Stack, other, read).Write(new Snapshot { Resources = [next] }), "p"));

        static string Sealed(byte[] state, string name) => JsonNode.Parse(state)!["checkpoint"]!["latest"]!["resources"]![0]!["inputs"]![name]!["ciphertext"]!.GetValue<string>();
    }

    [Fact]
    public void A_secret_of_Pulumis_own_making_is_opened()
    {
        var read = Read("""
            {"version":3,"checkpoint":{"stack":"organization/p/s","latest":{"manifest":{"time":"2026-01-02T03:04:05.123456789+02:00","magic":"x","version":"3.100.0"},
            "secrets_providers":{"type":"passphrase","state":{"salt":"$SALT"}},
            "resources":[{"urn":"urn:pulumi:s::p::t::a","custom":true,"type":"t","inputs":{"p":{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","ciphertext":"$SEALED"}}}]}}}
            """.Replace("$SALT", TestSecrets.Salt, StringComparison.Ordinal).Replace("$SEALED", TestSecrets.SealedText, StringComparison.Ordinal));
        Assert.Equal(new SecretValue("hunter2 <ü>"), read.Snapshot.Resources[0].Inputs["p"]);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 1, 4, 5, TimeSpan.Zero).AddTicks(1234567), read.Written);
    }

    [Fact]
    public void Null_missing_and_empty_differ()
    {
        var inputs = ObjectValue.Empty.With("null", NullValue.Instance).With("empty", "").With("object", ObjectValue.Empty).With("array", new ArrayValue([]));
        var read = Read(new CheckpointWriter(Stack, null).Write(new Snapshot { Resources = [Resource("a") with { Inputs = inputs }] }));
        Assert.Equal(inputs, read.Snapshot.Resources[0].Inputs);
        Assert.Null(read.Snapshot.Resources[0].Inputs["missing"]);
    }

    [Fact]
    public void What_says_nothing_is_left_out()
    {
        var written = JsonNode.Parse(new CheckpointWriter(Stack, null, time: new FixedTime()).Write(new Snapshot { Resources = [Resource("a")] }))!;
        Assert.Equal("""{"urn":"urn:pulumi:dev::rec::t:i:T::a","custom":true,"type":"t:i:T"}""", written["checkpoint"]!["latest"]!["resources"]![0]!.ToJsonString());
        Assert.Equal(
            """{"version":3,"checkpoint":{"stack":"organization/rec/dev","latest":{"manifest":{"time":"2026-05-04T03:02:01.1234567Z","magic":"f034461b2747c82ae2db69bf651fa6eedfae06a2a3db54f575a40a6461a2dd71","version":"3.259.0"},"metadata":{}}}}""",
            Encoding.UTF8.GetString(new CheckpointWriter(Stack, null, time: new FixedTime()).Write(Snapshot.Empty)));
    }

    [Fact]
    public void Whole_numbers_have_no_exponent_and_others_all_their_digits()
    {
        var inputs = ObjectValue.Empty.With("a", 9007199254740991d).With("b", 0.1).With("c", -1e300).With("d", 1e15);
        var written = JsonNode.Parse(new CheckpointWriter(Stack, null).Write(new Snapshot { Resources = [Resource("a") with { Inputs = inputs }] }))!["checkpoint"]!["latest"]!["resources"]![0]!["inputs"]!.ToJsonString();
        Assert.Equal("""{"a":9007199254740991,"b":0.1,"c":-1E+300,"d":1000000000000000}""", written);
    }

    [Fact]
    public void A_version_with_features_is_written_only_where_one_is_used()
    {
        var hooks = ImmutableSortedDictionary<string, JsonElement>.Empty.Add("resourceHooks", JsonDocument.Parse("""{"beforeCreate":["h"]}""").RootElement);
        Assert.Equal("3 ", Version());
        Assert.Equal("4 refreshBeforeUpdate", Version(Resource("a") with { RefreshBeforeUpdate = true }));
        Assert.Equal(
            "4 hooks,refreshBeforeUpdate,taint,views",
            Version(Resource("a") with { ViewOf = "urn:b" }, Resource("b") with { Taint = true }, Resource("c") with { Others = hooks }, Resource("d") with { RefreshBeforeUpdate = true }));

        static string Version(params ImmutableArray<ResourceState> resources)
        {
            var written = new CheckpointWriter(Stack, null).Write(new Snapshot { Resources = resources });
            Read(written);
            var json = JsonNode.Parse(written)!;
            return $"{json["version"]} {string.Join(',', json["features"]?.AsArray().Select(feature => feature!.ToString()) ?? [])}";
        }
    }

    [Theory]
    [InlineData("""{"version":5,"checkpoint":{}}""", "version 5, and 4 is the newest")]
    [InlineData("""{"version":2,"checkpoint":{}}""", "version 2, older than 3; run `pulumi stack export`")]
    [InlineData("""{"checkpoint":{}}""", "version 0, older than 3")]
    [InlineData("""{"version":4,"features":["views","teleport","warp"],"checkpoint":{}}""", "features that are not known here: teleport, warp")]
    [InlineData("""{"version":3}""", "neither `checkpoint` nor `deployment`")]
    [InlineData("[]", "no JSON object")]
    [InlineData("""{"version":3,"deployment":{"secrets_providers":{"type":"cloud","state":{}}}}""", "provider 'cloud'")]
    [InlineData("""{"version":3,"deployment":{"resources":[{"type":"t"}]}}""", "no urn")]
    [InlineData("""{"version":3,"deployment":{"resources":[{"urn":"urn:a"}]}}""", "the resource urn:a has no type")]
    [InlineData("""{"version":3,"deployment":{"resources":[{"urn":"urn:a","type":"t","inputs":[]}]}}""", "the resource urn:a: inputs are no object")]
    [InlineData("""{"version":3,"deployment":{"resources":[{"urn":"urn:a","type":7}]}}""", "not of the kind")]
    [InlineData("""{"version":3,"deployment":{"resources":[{"urn":"urn:a","type":"t","created":"yesterday"}]}}""", "not of the kind")]
    [InlineData("""{"version":3,"deployment":{"resources":[{"urn":"urn:a","type":"t","inputs":{"x":{"4dabf18193072939515e22adb298388d":"0"}}}]}}""", "unknown signature 0")]
    [InlineData("""{"version":3,"deployment":{"resources":[{"urn":"urn:a","type":"t","inputs":{"x":{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","ciphertext":"v1:x"}}}]}}""", "does not say of which provider")]
    [InlineData("""{"version":3,"deployment":{"resources":[{"urn":"urn:a","type":"t","inputs":{"x":{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","plaintext":"hunter2"}}}]}}""", "no JSON")]
    [InlineData("""{"version":3,""", "no JSON (line 1")]
    public void What_is_no_state_is_refused_with_the_reason(string json, string expected)
    {
        var fault = Assert.Throws<EngineException>(() => Read(json));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.Contains("some-file", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_of_any_kind_are_read_or_refused_and_nothing_else()
    {
        var state = new CheckpointWriter(Stack, null).Write(new Snapshot { Resources = [Resource("a") with { Inputs = ObjectValue.Empty.With("x", new ArrayValue([1, "y", ObjectValue.Empty])), Created = DateTimeOffset.UnixEpoch }] });
        Gen.Select(Gen.Int[0, state.Length - 1], Gen.Byte).Sample((position, change) =>
        {
            var bytes = state.ToArray();
            bytes[position] = change;
            try
            {
                new CheckpointReader(TestSecrets.None).Read(bytes, "state");
            }
            catch (EngineException)
            {
                // refused
            }
        }, iter: 3_000, seed: Seed);
    }

    [Fact]
    public void A_thousand_resources_are_written_again_in_milliseconds()
    {
        Snapshot snapshot = new()
        {
            Resources = [.. Enumerable.Range(0, 1000).Select(index => Resource($"r{index}") with { Inputs = ObjectValue.Empty.With("value", new string('x', 500)).With("password", new SecretValue($"secret {index}")) })],
        };
        CheckpointWriter writer = new(Stack, TestSecrets.Known);
        writer.Write(snapshot);
        var fastest = Enumerable.Range(0, 10).Min(_ =>
        {
            var start = TimeProvider.System.GetTimestamp();
            writer.Write(snapshot with { Resources = snapshot.Resources.SetItem(500, snapshot.Resources[500] with { Id = "changed" }) });
            return TimeProvider.System.GetElapsedTime(start);
        });

        // A few milliseconds; the bound is for machines that do something else too.
        Assert.True(fastest < TimeSpan.FromMilliseconds(100), $"a write took {fastest}");
    }

    private static ResourceState Resource(string name) => new() { Urn = $"urn:pulumi:dev::rec::t:i:T::{name}", Type = "t:i:T", Custom = true };

    private static Checkpoint Read(string json) => Read(Encoding.UTF8.GetBytes(json));

    private static Checkpoint Read(byte[] json) => new CheckpointReader(TestSecrets.KnownSource).Read(json, "some-file");

    private static void Same(JsonNode expected, JsonNode actual, string name)
        => Assert.True(JsonNode.DeepEquals(expected, actual), $"{name}:\n{expected.ToJsonString()}\n{actual.ToJsonString()}");

    private static JsonNode? Replace(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, Replace(field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Replace)]),
        JsonValue value when value.TryGetValue<string>(out var text) => text switch
        {
            "$TIME" => "2026-05-04T03:02:01.1234567Z",
            "$CIPHERTEXT" => TestSecrets.SealedText,
            _ when text.StartsWith("$CIPHERTEXT:", StringComparison.Ordinal) => TestSecrets.Salt,
            _ => text,
        },
        _ => node?.DeepClone(),
    };
}
