using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>Reading what is true of the resources, before a program runs or for its own sake.</summary>
public sealed partial class Deployment
{
    private async Task RefreshAsync(Func<ResourceState, bool> isWanted)
    {
        var all = _state.Rest;
        var wanted = all.Where(resource => IsReadable(resource) && _targets.Contains(resource.Urn) && isWanted(resource)).ToList();
        if (Request.Kind == DeploymentKind.Refresh)
        {
            // Counted and shown, though nobody can tell anything new of them.
            foreach (var resource in all.Where(resource => (!resource.Custom || ProviderReference.IsProviderType(resource.Type)) && resource.ViewOf.Length == 0))
            {
                Step step = new(StepOperation.Refresh, resource.Urn, resource, resource, Result: StepOperation.Same);
                Observer.StepStarted(step);
                Count(step);
                Observer.StepDone(step, TimeSpan.Zero);
            }
        }

        if (wanted.Count == 0)
        {
            return;
        }

        ConcurrentDictionary<ResourceState, (ResourceState? Now, ViewBoard Board)> found = new(ReferenceEqualityComparer.Instance);
        await Task.WhenAll(wanted.Select(resource => RefreshOneAsync(resource, found)));
        var read = found.Keys.Select(resource => resource.Urn).ToHashSet(StringComparer.Ordinal);
        await _state.EndAsync(null, state =>
        {
            Rebuild(state, all, found);
            state.ForgetPending(operation => operation.Type != PendingOperation.Creating && read.Contains(operation.Resource.Urn));
        });
        IndexOlds();
        if (_failed)
        {
            throw new ResourceFailedException("a resource could not be read");
        }
    }

    private static bool IsReadable(ResourceState resource)
        => resource is { Custom: true, Delete: false, PendingReplacement: false, Id.Length: > 0 } && !ProviderReference.IsProviderType(resource.Type);

    private async Task RefreshOneAsync(ResourceState old, ConcurrentDictionary<ResourceState, (ResourceState? Now, ViewBoard Board)> found)
    {
        await _slots.WaitAsync(CancellationToken.None);
        var watch = Stopwatch.StartNew();
        Step step = new(StepOperation.Refresh, old.Urn, old, old);
        try
        {
            ThrowIfStopped();
            var provider = await RunningProviderAsync(old.Provider, old.Urn);
            Observer.StepStarted(step);
            var (board, status) = OpenBoard(step);
            var answer = await provider.ReadAsync(old.Urn, old.Id, old.Outputs, old.Inputs, old.CustomTimeouts.Read, status, board.OldViews);
            _boards.TryRemove(status.Token, out _);
            var now = answer.Id.Length == 0 ? null : old with
            {
                Id = answer.Id,
                Outputs = Secrets.Close(answer.Outputs, old.AdditionalSecretOutputs),
                Inputs = old.External ? old.Inputs : answer.Inputs ?? old.Inputs,
                InitErrors = answer.InitErrors,
                RefreshBeforeUpdate = answer.RefreshBeforeUpdate,
            };
            var diff = now is null || old.External ? null : await provider.DiffAsync(now, old.Inputs, old.IgnoreChanges);
            foreach (var error in answer.InitErrors)
            {
                Tell(MessageSeverity.Warning, old.Urn, error);
            }

            var result = now is null ? StepOperation.Delete : diff?.Changes == ResourceDiff.Answer.Some ? StepOperation.Update : StepOperation.Same;
            if (now is not null && StateComparer.AreSame(old, now))
            {
                now = old;
            }
            else if (now is not null)
            {
                now = now with { Modified = result == StepOperation.Update ? Now : old.Modified };
            }

            found[old] = (now, board);
            step = step with { New = now, Diff = diff, Result = result };
            if (Request.Kind == DeploymentKind.Refresh)
            {
                Count(step);
            }

            Observer.StepDone(step, watch.Elapsed);
        }
        catch (ProviderCallException fault)
        {
            Fail(old.Urn, fault.Message);
            Observer.StepFailed(step, watch.Elapsed);
        }
        catch (ResourceFailedException)
        {
            // Told already.
        }
        finally
        {
            _slots.Release();
        }
    }

    // As Pulumi does: what is gone is gone from the dependencies of the others, too, and properties without dependencies are not listed.
    private static void Rebuild(StateKeeper state, IReadOnlyList<ResourceState> all, ConcurrentDictionary<ResourceState, (ResourceState? Now, ViewBoard Board)> found)
    {
        HashSet<string> there = [];
        foreach (var old in all)
        {
            var isRead = found.TryGetValue(old, out var read);
            var now = isRead ? read.Now : old;
            if (now is null)
            {
                state.Remove(old);
                KeepViews(state, read.Board, null);
                continue;
            }

            there.Add(now.Urn);
            var properties = now.PropertyDependencies?
                .Select(property => KeyValuePair.Create(property.Key, property.Value.Where(there.Contains).ToImmutableArray()))
                .Where(property => property.Value.Length > 0).ToImmutableSortedDictionary(StringComparer.Ordinal);
            var rebuilt = now with
            {
                Dependencies = [.. now.Dependencies.Where(there.Contains)],
                PropertyDependencies = properties is { Count: 0 } ? null : properties,
                DeletedWith = there.Contains(now.DeletedWith) ? now.DeletedWith : "",
                Parent = there.Contains(now.Parent) ? now.Parent : "",
            };
            if (StateComparer.AreSame(old, rebuilt))
            {
                rebuilt = old;
            }
            else
            {
                state.Exchange(old, rebuilt);
            }

            if (isRead)
            {
                KeepViews(state, read.Board, rebuilt);
            }
        }
    }
}
