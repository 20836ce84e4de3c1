using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.Programs;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Tests.Recordings;

/// <summary>
/// The engine beside Pulumi's own: the same programs, against a provider that answers as the recorded one did. It has to be asked the same, the
/// states have to be the same, and so have the previews as JSON.
/// </summary>
public sealed class RecordingTests
{
    private const string Stack = "dev";
    private const string Project = "rec";

    public static TheoryData<string> Scenarios => [.. Recording.Names];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task The_provider_is_asked_what_pulumi_asked_it(string scenario) => ReplayAsync(scenario);

    private static async Task ReplayAsync(string scenario)
    {
        var snapshot = Snapshot.Empty;
        var config = ImmutableSortedDictionary<string, ConfigValue>.Empty;
        foreach (var (step, index) in Recording.Read(scenario).Steps.Select((step, index) => (step, index)))
        {
            if (step.Operation.StartsWith("config set", StringComparison.Ordinal))
            {
                var words = step.Operation.Split(' ');
                config = config.SetItem($"{Project}:{words[^2]}", new ConfigValue(words[^1], words.Contains("--secret")));
                continue;
            }

            if (step.Operation == "cloud")
            {
                continue;
            }

            var what = $"step {index} ({step.Operation}) of {scenario}";
            await using var run = await ReplayedRun.StartAsync(step, snapshot, WithDefaults(config, step.Program));
            var result = run.Result;
            Assert.True(run.Provider.Surprises.IsEmpty, $"{what}: it was not asked before: {string.Join("\n", run.Provider.Surprises)}\nopen: {string.Join("\n", run.Provider.NotAsked.Select(call => call.Method + " " + Placeholders.Normalize(call.Request)))}");
            Assert.True(run.Provider.NotAsked.Count == 0, $"{what}: it was not asked: {string.Join("\n", run.Provider.NotAsked.Select(call => call.Method + " " + Placeholders.Normalize(call.Request)))}");
            Assert.Equal(step.ExitCode == 0, result.Succeeded);
            if (!run.IsPreview)
            {
                // The next step reads it from its file.
                snapshot = RecordedState.WrittenAndRead(result.Snapshot);
            }

            RecordedState.AssertSame(step.State!, snapshot, what);
            if (step.Preview is not null)
            {
                RecordedState.AssertSamePreview(step.Preview, run.Preview, what);
            }
        }
    }

    // What the project's file says of its settings is part of them.
    private static ImmutableSortedDictionary<string, ConfigValue> WithDefaults(ImmutableSortedDictionary<string, ConfigValue> config, JsonNode? program)
    {
        foreach (var (name, declared) in program?["config"]?.AsObject() ?? [])
        {
            if (declared?["default"] is { } value && !config.ContainsKey($"{Project}:{name}"))
            {
                config = config.Add($"{Project}:{name}", new ConfigValue(value.ToString()));
            }
        }

        return config;
    }

    private sealed class ReplayedRun : IAsyncDisposable
    {
        private readonly ReplaySource<ReplayingProvider> _source;

        private ReplayedRun(ReplaySource<ReplayingProvider> source, ReplayingProvider provider) => (_source, Provider) = (source, provider);

        public ReplayingProvider Provider { get; }

        public DeploymentResult Result { get; private set; } = null!;

        public JsonNode Preview { get; private set; } = null!;

        public bool IsPreview { get; private set; }

        public static async Task<ReplayedRun> StartAsync(RecordedStep step, Snapshot snapshot, ImmutableSortedDictionary<string, ConfigValue> config)
        {
            ReplayingProvider provider = new(step);
            var source = await ReplaySource<ReplayingProvider>.StartAsync(provider);
            ReplayedRun run = new(source, provider);
            var operation = RecordedOperation.Parse(step.Operation);
            run.IsPreview = operation.IsPreview;
            PreviewDigest digest = new();
            run.Result = await Deployment.RunAsync(operation.ApplyTo(new DeploymentRequest
            {
                Kind = operation.Kind,
                IsPreview = run.IsPreview,
                Project = Project,
                Stack = Stack,
                Snapshot = snapshot,
                Writer = run.IsPreview ? null : new NoWriter(),
                LoadProgram = async (schemas, cancellationToken) => await YamlProgram.ParseAsync(step.Program!.ToJsonString(), "Pulumi.yaml", schemas, cancellationToken),
                Plugins = source,
                Observer = digest,
                Config = config,
                Parallel = 8,
            }));
            using MemoryStream json = new();
            digest.Write(json, run.Result, TimeSpan.Zero);
            run.Preview = JsonNode.Parse(Encoding.UTF8.GetString(json.ToArray()))!;
            return run;
        }

        public ValueTask DisposeAsync() => _source.DisposeAsync();
    }

    private sealed class NoWriter : ISnapshotWriter
    {
        public Task WriteAsync(Func<Snapshot> take) => Task.CompletedTask;
    }
}
