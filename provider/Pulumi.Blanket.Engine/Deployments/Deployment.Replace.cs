using System.Collections.Concurrent;
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

    private async Task<ResourceState> ReplaceAsync(ResourceGoal goal, Provider provider, ResourceState old, ResourceState wish, ObjectValue given, ResourceDiff diff)
    {
        // A new resource gets a name of its own, which Check gives only where it sees no old inputs.
        var inputs = await CheckedAsync(provider, wish.Urn, ObjectValue.Empty, given);
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

        RefuseProtected(old, "replaced");

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
            foreach (var victim in victims)
            {
                RefuseProtected(victim, "replaced");
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
        await DeleteOneAsync(old, StepOperation.DeleteReplaced, state => state.Exchange(old, marked));
        _deletedFirst[old.Urn] = marked;
        _olds[old.Urn] = marked;
    }

    /// <summary>The resource and those of its dependents that can't go on without it, each behind what it depends on.</summary>
    private async Task<List<ResourceState>> DependentsToReplaceAsync(ResourceState root)
    {
        List<ResourceState> victims = [root];
        HashSet<string> urns = [root.Urn];
        foreach (var candidate in _state.Rest.Where(resource => resource is { Custom: true, Delete: false, External: false, PendingReplacement: false } && !_registered.ContainsKey(resource.Urn) && !ProviderReference.IsProviderType(resource.Type)))
        {
            if (!urns.Contains(candidate.Urn) && await GoesWithAsync(candidate, urns))
            {
                victims.Add(candidate);
                urns.Add(candidate.Urn);
            }
        }

        return victims;
    }

    private async Task<bool> GoesWithAsync(ResourceState candidate, HashSet<string> replaced)
    {
        if (candidate.ReplaceWith.Any(replaced.Contains))
        {
            return true;
        }

        if (candidate.PropertyDependencies is not { } dependencies)
        {
            return candidate.Dependencies.Any(replaced.Contains);
        }

        // What the replaced resource will say is not known: would the dependent have to be replaced, too?
        var affected = dependencies.Where(property => property.Value.Any(replaced.Contains)).Select(property => property.Key).ToList();
        if (affected.Count == 0)
        {
            return false;
        }

        var inputs = affected.Aggregate(candidate.Inputs, (all, name) => all[name] is null ? all : all.With(name, UnknownValue.Text));
        try
        {
            var provider = await RunningProviderAsync(candidate.Provider, candidate.Urn);
            return provider.IsConfigured && (await provider.DiffAsync(candidate, inputs, [])).IsReplace;
        }
        catch (ProviderCallException fault)
        {
            throw Fail(candidate.Urn, fault.Message);
        }
    }

    private void RefuseProtected(ResourceState resource, string what)
    {
        if (resource.Protect)
        {
            throw Fail(resource.Urn, ProtectedText(what));
        }
    }

    private static string ProtectedText(string what)
        => $"it is protected, and can't be {what}; remove `protect` from the resource in the program and run `up` first";
}
