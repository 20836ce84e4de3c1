using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>Replacing a resource: the new one first, or the old one first with what depends on it.</summary>
public sealed partial class Deployment
{
    private readonly ConcurrentDictionary<string, ResourceState> _deletedFirst = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _replacing = new(1);

    /// <summary>URNs of the state to which a registration has come, or that go first with another.</summary>
    private readonly ConcurrentDictionary<string, bool> _begun = new(StringComparer.Ordinal);

    /// <summary>URNs of what this run has made anew, or is making anew.</summary>
    private readonly ConcurrentDictionary<string, bool> _replaced = new(StringComparer.Ordinal);

    private async Task<ResourceState> ReplaceAsync(ResourceGoal goal, Provider provider, ResourceState old, ResourceState wish, ResourceDiff diff)
    {
        RefuseProtected(old, wish);
        if (goal.Options.Import.Length > 0)
        {
            const string Reason = "it was imported, and this change would replace it by a new one and delete what was imported; remove the option `import` from the program, if that is what you want";
            if (!IsPreview)
            {
                throw Fail(wish.Urn, Reason);
            }

            Tell(MessageSeverity.Warning, wish.Urn, Reason);
        }

        _replaced.TryAdd(wish.Urn, true);

        // A new resource gets a name of its own, which Check gives only where it sees no old inputs.
        var inputs = await CheckedAsync(provider, wish.Urn, ObjectValue.Empty, goal.Inputs);
        wish = wish with { Inputs = inputs, Created = old.Created, Modified = old.Modified };
        if (goal.Options.DeleteBeforeReplace ?? diff.DeleteBeforeReplace)
        {
            await DeleteForReplacementAsync(old);
            if (!_deletedFirst.TryGetValue(old.Urn, out var marked))
            {
                marked = old with { PendingReplacement = true };
            }

            await TakeQuietStepAsync(new Step(StepOperation.Replace, wish.Urn, marked, wish, diff), _ => { }, write: false);
            return await CreateAsync(provider, wish, marked, StepOperation.CreateReplacement, diff);
        }

        // Until the new one is there the state has the old one as it was: a failure to create must not have it deleted.
        var going = old with { Delete = true };
        var created = await CreateAsync(provider, wish, old, StepOperation.CreateReplacement, diff, going);
        await TakeQuietStepAsync(new Step(StepOperation.Replace, wish.Urn, going, created, diff), _ => { }, write: false);
        return created;
    }

    // One at a time: two replacements may have dependents in common.
    private async Task DeleteForReplacementAsync(ResourceState old)
    {
        await _replacing.WaitAsync(CancellationToken.None);
        try
        {
            if (_deletedFirst.ContainsKey(old.Urn))
            {
                return;
            }

            var victims = await DependentsToReplaceAsync(old);
            foreach (var victim in victims.Where(victim => victim.Protect && victim != old))
            {
                throw Fail(victim.Urn, ProtectedText($"replaced together with {old.Urn}"));
            }

            foreach (var victim in Enumerable.Reverse(victims))
            {
                await DeleteFirstAsync(victim);
            }
        }
        finally
        {
            _replacing.Release();
        }
    }

    private async Task DeleteFirstAsync(ResourceState old)
    {
        var marked = old with { PendingReplacement = true };
        if (ProviderReference.IsProviderType(old.Type))
        {
            await TakeQuietStepAsync(new Step(StepOperation.DeleteReplaced, old.Urn, old, null), state => state.Exchange(old, marked));
        }
        else
        {
            await DeleteOneAsync(old, StepOperation.DeleteReplaced, state => state.Exchange(old, marked));
        }

        _deletedFirst[old.Urn] = marked;
        _olds[old.Urn] = marked;
    }

    /// <summary>
    /// Takes a resource of the state for its registration. One that a replacement deletes first with another is waited for, and is then as that left it;
    /// one that is taken is not deleted first any more, as it does not need the other one in this program.
    /// </summary>
    private async Task<ResourceState> TakeOldAsync(ResourceState old)
    {
        if (_begun.TryAdd(old.Urn, true))
        {
            return old;
        }

        await _replacing.WaitAsync(CancellationToken.None);
        _replacing.Release();
        return _olds.GetValueOrDefault(old.Urn, old);
    }

    /// <summary>The resource and those of its dependents that can't go on without it, each behind what it depends on.</summary>
    private async Task<List<ResourceState>> DependentsToReplaceAsync(ResourceState root)
    {
        List<ResourceState> victims = [root];
        HashSet<string> urns = [root.Urn];
        foreach (var candidate in _state.Rest.Where(resource => resource is { Custom: true, Delete: false, External: false, PendingReplacement: false } && !_registered.ContainsKey(resource.Urn)))
        {
            if (!urns.Contains(candidate.Urn) && await GoesWithAsync(candidate, urns) && _begun.TryAdd(candidate.Urn, true))
            {
                victims.Add(candidate);
                urns.Add(candidate.Urn);
            }
        }

        return victims;
    }

    private async Task<bool> GoesWithAsync(ResourceState candidate, HashSet<string> replaced)
    {
        if (candidate.ReplaceWith.Any(replaced.Contains) || (candidate.Provider.Length > 0 && replaced.Contains(ProviderReference.UrnOf(candidate.Provider))))
        {
            return true;
        }

        // What the replaced resource will say is not known: would the dependent have to be replaced, too?
        var affected = (candidate.PropertyDependencies ?? ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty)
            .Where(property => property.Value.Any(replaced.Contains) && candidate.Inputs[property.Key] is not null).Select(property => property.Key).ToList();
        if (affected.Count == 0)
        {
            return false;
        }

        var inputs = affected.Aggregate(candidate.Inputs, (all, name) => all.With(name, UnknownValue.Text));
        inputs = candidate.IgnoreChanges.Aggregate(inputs, (all, path) => PathOf(path, candidate.Urn).Reset(candidate.Inputs, all));
        try
        {
            if (ProviderReference.IsProviderType(candidate.Type))
            {
                var itself = await _providers.LoadAsync(candidate);
                return (await itself.DiffConfigAsync(candidate.Urn, candidate.Inputs, candidate.Outputs, inputs)).IsReplace;
            }

            var provider = await RunningProviderAsync(candidate.Provider, candidate.Urn);
            return provider.IsConfigured
                && ReplaceOnChanges(await provider.DiffAsync(candidate, inputs, candidate.IgnoreChanges), candidate.ReplaceOnChanges, candidate.Urn).IsReplace;
        }
        catch (Exception fault) when (IsOfProvider(fault))
        {
            throw Fail(candidate.Urn, fault.Message);
        }
    }

    /// <summary>A provider refused, could not be started or configured: told with the resource for which it was asked.</summary>
    private static bool IsOfProvider(Exception fault)
        => fault is ProviderCallException or EngineException { Reason: EngineFailure.Plugin or EngineFailure.NotFound };

    // To take the protection away and replace in one update is what a user can mean.
    private void RefuseProtected(ResourceState old, ResourceState wish)
    {
        if (old.Protect && wish.Protect)
        {
            throw Fail(wish.Urn, ProtectedText("replaced"));
        }
    }

    private static string ProtectedText(string what)
        => $"it is protected, and can't be {what}; remove `protect` from the resource in the program and run `up` first, or take it away with `state unprotect`";
}
