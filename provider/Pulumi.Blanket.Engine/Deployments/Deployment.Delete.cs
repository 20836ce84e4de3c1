using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>Deleting what the program has no more, each resource before all that it depends on.</summary>
public sealed partial class Deployment
{
    private async Task DeleteAsync(IReadOnlyList<ResourceState> candidates)
    {
        var victims = Victims(candidates);
        var guarded = victims.Where(victim => victim is { Protect: true, Delete: false }).ToList();
        foreach (var victim in guarded)
        {
            Step step = new(StepOperation.Delete, victim.Urn, victim, null);
            Observer.StepStarted(step);
            Fail(victim.Urn, ProtectedText("deleted"));
            Observer.StepFailed(step, TimeSpan.Zero);
        }

        if (guarded.Count > 0)
        {
            await StartProvidersAsync(victims);
            return;
        }

        // By URN there may be two: the resource, and one that it replaced.
        var byUrn = victims.ToLookup(victim => victim.Urn, StringComparer.Ordinal);
        var dependents = new Dictionary<ResourceState, List<ResourceState>>(ReferenceEqualityComparer.Instance);
        foreach (var victim in victims)
        {
            foreach (var dependency in victim.AllDependencies.SelectMany(urn => byUrn[urn]).Where(other => !ReferenceEquals(other, victim)))
            {
                if (!dependents.TryGetValue(dependency, out var list))
                {
                    dependents[dependency] = list = [];
                }

                list.Add(victim);
            }
        }

        Dictionary<ResourceState, Lazy<Task<bool>>> deletions = new(ReferenceEqualityComparer.Instance);
        foreach (var victim in victims)
        {
            deletions.Add(victim, new Lazy<Task<bool>>(async () =>
            {
                await Task.Yield();
                var others = await Task.WhenAll((dependents.GetValueOrDefault(victim) ?? []).Select(dependent => deletions[dependent].Value));
                return others.All(gone => gone) && await TryDeleteAsync(victim, byUrn);
            }));
        }

        // Written last, so started first: what nothing depends on.
        await Task.WhenAll(Enumerable.Reverse(victims).Select(victim => deletions[victim].Value));
    }

    private List<ResourceState> Victims(IReadOnlyList<ResourceState> candidates)
    {
        var victims = candidates.Where(resource => resource.ViewOf.Length == 0 && _targets.Contains(resource.Urn)).ToList();
        if (!_targets.IsAll)
        {
            if (Request.TargetDependents)
            {
                HashSet<string> urns = [.. victims.Select(victim => victim.Urn)];
                foreach (var resource in candidates.Where(resource => resource.ViewOf.Length == 0 && !urns.Contains(resource.Urn)))
                {
                    if (resource.AllDependencies.Any(urns.Contains))
                    {
                        urns.Add(resource.Urn);
                        victims.Add(resource);
                    }
                }
            }

            // Also what the program still has, and this run left as it is. Of what was replaced the new one is there.
            var staying = candidates.Except(victims, ReferenceEqualityComparer.Instance).Cast<ResourceState>().Concat(_registered.Values).ToList();
            var lost = victims.Where(victim => victim is { Delete: false, PendingReplacement: false } && !_registered.ContainsKey(victim.Urn) && !ProviderReference.IsProviderType(victim.Type))
                .Select(victim => victim.Urn).ToHashSet(StringComparer.Ordinal);
            var refused = staying.Where(stays => stays.ViewOf.Length == 0).SelectMany(stays => stays.AllDependencies.Where(lost.Contains).Select(urn => (Stays: stays, Urn: urn))).ToList();
            if (refused.Count > 0)
            {
                throw Fail(refused[0].Urn, $"{refused[0].Stays.Urn} depends on it and is not among the targets; add it, or give --target-dependents");
            }
        }

        // A provider stays while something that stays needs it: this very one, which may be one that was replaced.
        HashSet<ResourceState> going = new(victims, ReferenceEqualityComparer.Instance);
        var rest = candidates.Where(resource => !going.Contains(resource)).Concat(_registered.Values).ToList();
        var references = rest.Select(resource => resource.Provider).ToHashSet(StringComparer.Ordinal);
        var needed = rest.SelectMany(resource => (resource with { Provider = "" }).AllDependencies).ToHashSet(StringComparer.Ordinal);
        return [.. victims.Where(victim => !(ProviderReference.IsProviderType(victim.Type) && (references.Contains(victim.ProviderReference) || (!victim.Delete && needed.Contains(victim.Urn)))))];
    }

    private async Task<bool> TryDeleteAsync(ResourceState victim, ILookup<string, ResourceState> byUrn)
    {
        try
        {
            ThrowIfStopped();
            if (victim.PendingReplacement)
            {
                await TakeQuietStepAsync(new Step(StepOperation.RemovePendingReplace, victim.Urn, victim, null), state => state.Remove(victim));
                return true;
            }

            if (victim.External)
            {
                await TakeQuietStepAsync(new Step(StepOperation.ReadDiscard, victim.Urn, victim, null), state => state.Remove(victim));
                return true;
            }

            var goesWithOther = victim.DeletedWith.Length > 0 && byUrn[victim.DeletedWith].Any();
            var operation = victim.Delete ? StepOperation.DeleteReplaced : StepOperation.Delete;
            if (!victim.Custom || ProviderReference.IsProviderType(victim.Type) || victim.RetainOnDelete || goesWithOther)
            {
                Step step = new(operation, victim.Urn, victim, null, IsRetained: victim.RetainOnDelete);
                Observer.StepStarted(step);
                await _state.EndAsync(null, state => RemoveWithViews(state, victim));
                Count(step);
                Observer.StepDone(step, TimeSpan.Zero);
                return true;
            }

            await DeleteOneAsync(victim, operation, state => RemoveWithViews(state, victim));
            return true;
        }
        catch (ResourceFailedException)
        {
            return false;
        }
        catch (EngineException fault) when (fault.Reason is EngineFailure.Plugin or EngineFailure.NotFound)
        {
            Fail(victim.Urn, fault.Message);
            return false;
        }
    }

    private async Task DeleteOneAsync(ResourceState victim, StepOperation operation, Action<StateKeeper> commit)
    {
        var provider = await RunningProviderAsync(victim.Provider, victim.Urn);
        await TakeStepAsync(
            new Step(operation, victim.Urn, victim, null, IsRetained: victim.RetainOnDelete),
            PendingOperation.Deleting,
            async (board, status) =>
            {
                if (!IsPreview && !victim.RetainOnDelete)
                {
                    await provider.DeleteAsync(victim, victim.CustomTimeouts.Delete, status, board.OldViews);
                }

                return victim;
            },
            (state, _) => commit(state));
    }

    private void RemoveWithViews(StateKeeper state, ResourceState victim)
    {
        state.Remove(victim);
        foreach (var view in victim.Delete ? [] : _oldViews[victim.Urn])
        {
            state.Remove(view);
        }
    }

    private async Task StartProvidersAsync(IEnumerable<ResourceState> resources)
    {
        foreach (var resource in resources.Where(resource => resource.Provider.Length > 0))
        {
            await RunningProviderAsync(resource.Provider, resource.Urn);
        }
    }
}
