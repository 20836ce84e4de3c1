using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Engine.Programs;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Engine.Tests.Recordings;
using Pulumi.Blanket.Probe;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Tests.Deployments;

/// <summary>A stack of the probe's resources: what its programs are, what its state is, and what its provider was asked.</summary>
internal sealed class ProbeStack : IAsyncDisposable, ISnapshotWriter
{
    public const string Name = "dev";
    public const string Project = "test";

    private readonly ReplaySource<ProbeProvider> _source;
    private readonly ConcurrentQueue<string> _operations = new();
    private readonly TestObserver _observer = new();
    private readonly Action<string, string> _seen;
    private volatile bool _isCut;

    private ProbeStack(Action<string, string> seen)
    {
        _seen = seen;
        World = new World(null, Note);
        _source = ReplaySource<ProbeProvider>.StartAsync(new ProbeProvider(World)).GetAwaiter().GetResult();
    }

    public World World { get; }

    /// <summary>As the writer last had it.</summary>
    public Snapshot State { get; private set; } = Snapshot.Empty;

    /// <summary>What the provider was asked in the last run, as <c>create a</c>.</summary>
    public IReadOnlyList<string> Operations => [.. _operations];

    /// <summary>Messages of the last run.</summary>
    public IReadOnlyList<DeploymentMessage> Messages => [.. _observer.Messages];

    public IEnumerable<string> Errors => Messages.Where(message => message.Severity == MessageSeverity.Error).Select(message => message.Text);

    /// <summary>Steps of the last run, as <c>create a</c>, in the order in which they were done.</summary>
    public IReadOnlyList<string> Steps => [.. _observer.Done.Where(step => !step.IsDefaultProvider).Select(step => $"{PreviewDigest.NameOf(step.Operation)} {Urn.NameOf(step.Urn)}")];

    /// <summary>How many plugins have been started so far.</summary>
    public int Plugins => _source.Connections;

    public int WriteCount { get; private set; }

    /// <summary>From now on nothing reaches the disk, as when the process is killed.</summary>
    public void Cut() => _isCut = true;

    public void Mend() => _isCut = false;

    public static ProbeStack Start(Action<string, string>? seen = null) => new(seen ?? ((_, _) => { }));

    public static string UrnOf(string name, string type = "probe:index:Thing") => Urn.Of(Name, Project, null, type, name);

    public ResourceState this[string name] => Find(name).Single();

    public IEnumerable<ResourceState> Find(string name) => State.Resources.Where(resource => Urn.NameOf(resource.Urn) == name);

    public string Output(string name, string output) => ((Protocol.Values.StringValue)this[name].Outputs[output]!.Bare).Text;

    public Task<DeploymentResult> UpAsync(string resources, Func<DeploymentRequest, DeploymentRequest>? change = null) => RunAsync(DeploymentKind.Update, resources, change);

    public async Task<DeploymentResult> UpWellAsync(string resources, Func<DeploymentRequest, DeploymentRequest>? change = null)
    {
        var result = await UpAsync(resources, change);
        Assert.True(result.Succeeded, string.Join("\n", Errors));
        return result;
    }

    public Task<DeploymentResult> PreviewAsync(string resources, Func<DeploymentRequest, DeploymentRequest>? change = null)
        => RunAsync(DeploymentKind.Update, resources, request => (change?.Invoke(request) ?? request) with { IsPreview = true, Writer = null });

    public Task<DeploymentResult> DestroyAsync(Func<DeploymentRequest, DeploymentRequest>? change = null) => RunAsync(DeploymentKind.Destroy, "", change);

    public Task<DeploymentResult> RefreshAsync(Func<DeploymentRequest, DeploymentRequest>? change = null) => RunAsync(DeploymentKind.Refresh, "", change);

    public async Task<DeploymentResult> RunAsync(DeploymentKind kind, string resources, Func<DeploymentRequest, DeploymentRequest>? change = null)
    {
        _operations.Clear();
        _observer.Clear();
        foreach (var known in State.Resources.Where(resource => resource.Id.Length > 0))
        {
            World.Name(known.Id);
        }

        DeploymentRequest request = new()
        {
            Kind = kind,
            Project = Project,
            Stack = Name,
            Snapshot = State,
            Writer = this,
            Plugins = _source,
            Observer = _observer,
            LoadProgram = async (schemas, token) => await YamlProgram.ParseAsync($"name: {Project}\nruntime: yaml\n{(resources.Length == 0 ? "resources: {}" : resources)}\n", "Pulumi.yaml", schemas, token),
        };
        return await Deployment.RunAsync(change?.Invoke(request) ?? request);
    }

    /// <summary>Says that the engine knows the stack's state, which something else made.</summary>
    public void Set(Snapshot state) => State = state;

    public async Task WriteAsync(Func<Snapshot> take)
    {
        // As a disk does: later than asked, and what was true then.
        await Task.Yield();
        if (_isCut)
        {
            throw new EngineException(EngineFailure.InvalidState, "the disk is gone");
        }

        lock (_observer)
        {
            // As the command's writer does: what is not whole is never taken.
            var taken = take();
            SnapshotIntegrity.Verify(taken, "it was to be written");
            State = taken;
            WriteCount++;
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private void Note(string operation, string urn)
    {
        _operations.Enqueue($"{operation} {Urn.NameOf(urn)}");
        _seen(operation, urn);
    }
}
