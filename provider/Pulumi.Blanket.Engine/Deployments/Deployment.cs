using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.Programs;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>
/// One run of the engine on one stack: takes the steps from the state so far to what the program wants, as Pulumi's engine takes them. Each part
/// of that has a file of its own (registering, replacing, deleting, refreshing, reading, importing, components).
/// </summary>
public sealed partial class Deployment : IResourceMonitor, IAsyncDisposable
{
    private readonly StateKeeper _state;
    private readonly SemaphoreSlim _slots;
    private readonly ConcurrentDictionary<string, ViewBoard> _boards = new();
    private readonly ConcurrentDictionary<StepOperation, int> _changes = new();
    private readonly TargetSet _targets;
    private readonly TargetSet _toReplace;
    private ConcurrentDictionary<string, ResourceState> _olds = new(StringComparer.Ordinal);
    private ImmutableDictionary<string, ResourceState> _oldProviders = ImmutableDictionary<string, ResourceState>.Empty;
    private ILookup<string, ResourceState> _oldViews = Array.Empty<ResourceState>().ToLookup(view => view.ViewOf);
    private EngineServer _server = null!;
    private ProviderRegistry _providers = null!;
    private volatile bool _failed;

    /// <summary>URNs of what an earlier run was at when it ended.</summary>
    private readonly HashSet<string> _uncertain = new(StringComparer.Ordinal);

    private Deployment(DeploymentRequest request)
    {
        Request = request;
        _targets = new TargetSet(request.Targets, request.Excludes);
        _toReplace = new TargetSet(request.Replaces, []);
        _state = new StateKeeper(request.Snapshot, request.Writer, sorts: !_targets.IsAll || request.Kind == DeploymentKind.Import);
        _slots = new SemaphoreSlim(request.Parallel);
    }

    internal DeploymentRequest Request { get; }

    private IDeploymentObserver Observer => Request.Observer;

    private bool IsPreview => Request.IsPreview;

    /// <summary>Runs a deployment to its end. What fails in it is told to the observer, and to be seen in the result.</summary>
    /// <exception cref="ProgramException">The program is wrong.</exception>
    /// <exception cref="EngineException">A plugin is missing, the state can't be kept, or something else on which all of it depends.</exception>
    public static async Task<DeploymentResult> RunAsync(DeploymentRequest request)
    {
        SnapshotIntegrity.Verify(request.Snapshot, "the state is not whole, and nothing was done; `blanket state repair` puts it right where it can");
        await using Deployment deployment = new(request);
        return await deployment.RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _providers.DisposeAsync();
            await _server.DisposeAsync();
        }

        _slots.Dispose();
        _replacing.Dispose();
    }

    private async Task<DeploymentResult> RunAsync()
    {
        _server = await EngineServer.StartAsync(new LogService(Observer), new StatusService(token => _boards.GetValueOrDefault(token)), new MonitorService(() => this));
        _providers = new ProviderRegistry(Request.Plugins, _server.Address, Request.Abandon);
        await using var stopping = Request.Stop.Register(() => _ = _providers.CancelAsync());
        IndexOlds();
        await WarnOfPendingAsync();
        try
        {
            switch (Request.Kind)
            {
                case DeploymentKind.Refresh:
                    RefuseUnmatchedTargets();
                    await RefreshAsync(_ => true);
                    break;
                case DeploymentKind.Destroy:
                    RefuseUnmatchedTargets();
                    await RefreshAsync(HasToBeRead);
                    await DeleteAsync(_state.Rest);
                    break;
                case DeploymentKind.Import:
                    await ImportAsync();
                    break;
                default:
                    await UpdateAsync();
                    break;
            }
        }
        catch (ResourceFailedException)
        {
            _failed = true;
        }
        finally
        {
            await _state.WriteAsync();
        }

        var stopped = Request.Stop.IsCancellationRequested;
        return new DeploymentResult(!_failed && !stopped, stopped, _state.Take(), _changes.ToImmutableSortedDictionary());
    }

    private async Task UpdateAsync()
    {
        // First of all: a program that is wrong asks nobody for anything.
        var program = await Request.LoadProgram!(_providers, Request.Stop);
        await RefreshAsync(HasToBeRead);
        ProgramContext context = new(Request.Project, Request.Stack, Request.Organization, Request.RootDirectory, Request.WorkingDirectory, Request.Config, IsPreview);
        await program.RunAsync(context, this, CancellationToken.None);
        RefuseUnmatchedTargets();
        if (!_failed && !Request.Stop.IsCancellationRequested)
        {
            await DeleteAsync(_state.Rest);
        }
    }

    // Who names a target that is nowhere has mistyped it, and believes that something was done.
    private void RefuseUnmatchedTargets()
    {
        List<string> urns = [.. Request.Snapshot.Resources.Select(resource => resource.Urn).Concat(_goals.Keys).Distinct()];
        var unmatched = _targets.Unmatched(urns).Concat(_toReplace.Unmatched(urns)).ToList();
        foreach (var target in unmatched)
        {
            var hint = NearestName.Find(Urn.IsUrn(target) ? target : target[(target.LastIndexOf(':') + 1)..].Replace("*", "", StringComparison.Ordinal),
                Urn.IsUrn(target) ? urns : urns.Select(Urn.NameOf));
            Fail("", $"the target '{target}' is no resource of the stack{(Request.Kind == DeploymentKind.Update ? ", nor of the program" : "")}{(hint is null ? "" : $"; did you mean '{hint}'?")}");
        }

        if (unmatched.Count > 0)
        {
            throw new ResourceFailedException("a target is nowhere");
        }
    }

    private bool HasToBeRead(ResourceState resource) => Request.Refresh || resource.RefreshBeforeUpdate || _uncertain.Contains(resource.Urn);

    private void IndexOlds()
    {
        _olds = new ConcurrentDictionary<string, ResourceState>(StringComparer.Ordinal);
        foreach (var resource in _state.Rest.Where(resource => !resource.Delete && resource.ViewOf.Length == 0))
        {
            _olds[resource.Urn] = resource;
        }

        _oldProviders = _state.Rest.Where(resource => ProviderReference.IsProviderType(resource.Type))
            .DistinctBy(resource => resource.ProviderReference).ToImmutableDictionary(resource => resource.ProviderReference, StringComparer.Ordinal);
        _oldViews = _state.Rest.Where(resource => resource.ViewOf.Length > 0).ToLookup(view => view.ViewOf);
    }

    // A create of which nobody knows how it ended stays noted until its resource is there; all else is seen by reading or doing it again.
    private async Task WarnOfPendingAsync()
    {
        if (_state.Pending.Count == 0)
        {
            return;
        }

        foreach (var operation in _state.Pending)
        {
            _uncertain.Add(operation.Resource.Urn);
            Tell(MessageSeverity.Warning, operation.Resource.Urn, operation.Type == PendingOperation.Creating
                ? Request.Kind == DeploymentKind.Destroy
                    ? "an earlier run ended while it was creating this, and it may be there all the same. `up` once more finds it, where its provider can (blanket's does), and then `destroy` deletes it; with others look there"
                    : "an earlier run ended while it was creating this, and nobody knows how far its provider came. A provider that can will find what is there (blanket's does); with others look there, and `import` or delete it"
                : $"an earlier run ended in the middle of {operation.Type} this; it is read before anything is done with it");
        }

        // What can be read is noted until it has been.
        var readable = _state.Rest.Where(IsReadable).Select(resource => resource.Urn).ToHashSet(StringComparer.Ordinal);
        await _state.EndAsync(null, state => state.ForgetPending(operation
            => operation.Type == PendingOperation.Creating ? Request.ClearPendingCreates : !readable.Contains(operation.Resource.Urn)));
    }

    /// <summary>Takes one step that a provider carries out, with its place in the state, on the screen, and among those that go on at once.</summary>
    /// <param name="pending">What the state says while it goes on; null for what leaves nothing behind when it is cut.</param>
    /// <param name="act">Does it; gives the resource as it is then.</param>
    /// <param name="commit">Puts that into the state.</param>
    /// <param name="half">Of a failure that left something behind: the resource as that is.</param>
    private async Task<ResourceState> TakeStepAsync(
        Step step, string? pending, Func<ViewBoard, StatusTarget, Task<ResourceState>> act, Action<StateKeeper, ResourceState> commit,
        Func<ProviderCallException.Half, ResourceState>? half = null)
    {
        await _slots.WaitAsync(CancellationToken.None);
        var watch = Stopwatch.StartNew();
        try
        {
            ThrowIfStopped();
            Observer.StepStarted(step);
            var (board, status) = OpenBoard(step);
            var operation = pending is null ? null : await _state.BeginAsync(step.New ?? step.Old!, pending);
            try
            {
                var done = await act(board, status);
                await _state.EndAsync(operation, state =>
                {
                    commit(state, done);
                    KeepViews(state, board, step.New is null ? null : done);
                });
                Count(step);
                Observer.StepDone(step with { New = step.New is null ? null : done }, watch.Elapsed);
                return done;
            }
            catch (ProviderCallException fault)
            {
                if (fault.Made is { } made && half is not null)
                {
                    var rest = half(made);
                    await _state.EndAsync(operation, state =>
                    {
                        commit(state, rest);
                        KeepViews(state, board, rest);
                    });
                }
                else
                {
                    await _state.EndAsync(operation, null, fault.IsUnknownOutcome || Request.Abandon.IsCancellationRequested);
                }

                Fail(step.Urn, fault.Message);
                Observer.StepFailed(step, watch.Elapsed);
                throw new ResourceFailedException(fault.Message);
            }
            catch (ResourceFailedException)
            {
                await _state.EndAsync(operation, null);
                Observer.StepFailed(step, watch.Elapsed);
                throw;
            }
            finally
            {
                _boards.TryRemove(status.Token, out _);
            }
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Takes a step that is only a change of the state.</summary>
    private async Task TakeQuietStepAsync(Step step, Action<StateKeeper> commit, bool write = true)
    {
        Observer.StepStarted(step);
        if (write)
        {
            await _state.EndAsync(null, commit);
        }
        else
        {
            commit(_state);
        }

        Count(step);
        Observer.StepDone(step, TimeSpan.Zero);
    }

    private (ViewBoard Board, StatusTarget Status) OpenBoard(Step step)
    {
        // Views in the state are the newer one's, where two have a URN; of what this run replaced it still knows them.
        var olds = step.Old is { Delete: true } && !_replaced.ContainsKey(step.Urn) ? [] : _oldViews[_formerUrns.GetValueOrDefault(step.Urn, step.Urn)].ToList();
        var isNew = step.Operation is StepOperation.Create or StepOperation.CreateReplacement or StepOperation.Import or StepOperation.ImportReplacement or StepOperation.ReadReplacement;
        var token = Guid.NewGuid().ToString("N");
        ViewBoard board = new(Request.Stack, Request.Project, step.Urn, olds, isNew ? [] : olds, ShowView);
        _boards[token] = board;
        return (board, new StatusTarget(_server.Address, token));
    }

    private void ShowView(Step step, string? error)
    {
        Observer.StepStarted(step);
        Count(step);
        if (error is null)
        {
            Observer.StepDone(step, TimeSpan.Zero);
        }
        else
        {
            Observer.StepFailed(step, TimeSpan.Zero);
        }
    }

    // Views stand right behind their owner, and go with it.
    private static void KeepViews(StateKeeper state, ViewBoard board, ResourceState? owner)
    {
        foreach (var view in board.Olds)
        {
            state.Remove(view);
        }

        var last = owner;
        foreach (var view in owner is null ? [] : board.Views)
        {
            state.AddBehind(last!, view);
            last = view;
        }
    }

    // Of a replacement's three steps one counts; providers that nobody declared don't.
    private void Count(Step step)
    {
        var operation = step.Operation == StepOperation.Refresh ? step.Result ?? StepOperation.Same : step.Operation;
        if (!step.IsDefaultProvider && operation is not (StepOperation.CreateReplacement or StepOperation.DeleteReplaced or StepOperation.ReadDiscard or StepOperation.RemovePendingReplace))
        {
            _changes.AddOrUpdate(operation, 1, (_, count) => count + 1);
        }
    }

    private void ThrowIfStopped()
    {
        if (Request.Stop.IsCancellationRequested)
        {
            throw new ResourceFailedException("the deployment was stopped");
        }

        if (_failed && !Request.ContinueOnError)
        {
            throw new ResourceFailedException("another resource failed");
        }
    }

    private void Tell(MessageSeverity severity, string urn, string text) => Observer.MessageCame(new DeploymentMessage(severity, text, urn));

    /// <summary>Tells the user what went wrong; nothing new is begun from now on.</summary>
    private ResourceFailedException Fail(string urn, string text)
    {
        _failed = true;
        Tell(MessageSeverity.Error, urn, text);
        return new ResourceFailedException(text);
    }

    private DateTimeOffset Now { get; } = TimeProvider.System.GetUtcNow();

    private static ObjectValue AllUnknown => ObjectValue.Empty;
}
