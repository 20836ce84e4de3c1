using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Diffs;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>From what a program wants of one resource to the step that it takes.</summary>
public sealed partial class Deployment
{
    private readonly ConcurrentDictionary<string, ResourceState> _registered = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ResourceGoal> _goals = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ResourceGoal> _skipped = new(StringComparer.Ordinal);

    /// <summary>URNs of the state that are another resource's former ones, with the URN of that.</summary>
    private readonly ConcurrentDictionary<string, string> _claimed = new(StringComparer.Ordinal);

    /// <summary>Of resources that had another URN: that one.</summary>
    private readonly ConcurrentDictionary<string, string> _formerUrns = new(StringComparer.Ordinal);

    public async Task<RegisteredResource> RegisterResourceAsync(ResourceGoal goal, CancellationToken cancellationToken)
    {
        ThrowIfStopped();
        goal = Inherit(goal);
        var urn = Urn.Of(Request.Stack, Request.Project, goal.Parent, goal.Type, goal.Name);
        if (!_goals.TryAdd(urn, goal))
        {
            throw Fail(urn, $"two resources of the type {goal.Type} have the name '{goal.Name}'; give one of them another name");
        }

        if (goal.Remote)
        {
            return await ConstructAsync(goal, urn);
        }

        var state = await RegisterAsync(goal, urn);
        if (goal.Custom)
        {
            return new RegisteredResource(urn, IdOf(state), state.Outputs);
        }

        // What a component said last time holds only while it gets the same inputs.
        var isSame = _olds.TryGetValue(urn, out var old) && old.Inputs.Equals(goal.Inputs);
        return new RegisteredResource(urn, null, isSame ? state.Outputs : ObjectValue.Empty);
    }

    public async Task RegisterOutputsAsync(string urn, ObjectValue outputs, CancellationToken cancellationToken)
    {
        if (!_registered.TryGetValue(urn, out var old))
        {
            throw Fail(urn, "outputs came for a resource that was not registered");
        }

        if (old.Outputs.Equals(outputs))
        {
            Observer.OutputsRegistered(old);
            return;
        }

        // What depends on resources that were left out stays as it was.
        if (!IsPreview && outputs.ContainsUnknown)
        {
            outputs = new ObjectValue(outputs.Properties.Where(output => !output.Value.ContainsUnknown)
                .Concat(old.Outputs.Properties.Where(output => outputs[output.Key] is { ContainsUnknown: true })));
        }

        var state = old with { Outputs = outputs };
        _registered[urn] = state;
        await _state.EndAsync(null, keeper => keeper.Exchange(old, state));
        Observer.OutputsRegistered(state);
    }

    // Not a target, and not there: what depends on it can't be done, all else can.
    private ResourceState Skip(ResourceGoal goal, string urn)
    {
        _skipped.TryAdd(urn, goal);
        return Wish(goal, urn, goal.Inputs, "");
    }

    private static IEnumerable<string> DependenciesOf(ResourceGoal goal) => ValueDependenciesOf(goal).Append(goal.Parent).Append(goal.Options.DeletedWith);

    private static IEnumerable<string> ValueDependenciesOf(ResourceGoal goal) => goal.Options.DependsOn.Concat(goal.PropertyDependencies.Values.SelectMany(urns => urns));

    private static PropertyValue IdOf(ResourceState state) => state.Id is "" or ProviderReference.UnknownId ? UnknownValue.Text : state.Id;

    private async Task<ResourceState> RegisterAsync(ResourceGoal goal, string urn)
    {
        var old = FindOld(goal, urn, out var fault);
        if (old is not null && fault is null)
        {
            old = await TakeOldAsync(old);
        }

        var missing = DependenciesOf(goal).FirstOrDefault(_skipped.ContainsKey);
        if (!IsTargeted(urn, goal))
        {
            if (fault is not null)
            {
                throw fault;
            }

            // Providers are there for all, as if each were a target.
            if (goal.Custom && !(goal.Options.Provider.Length > 0 && _skipped.ContainsKey(ProviderReference.UrnOf(goal.Options.Provider))))
            {
                await ProviderOfAsync(goal.Type, goal.Parent, goal.Options, urn);
            }

            // What was deleted together with a target is made again with it; what an earlier run left deleted is not there.
            return old switch
            {
                { PendingReplacement: true } when _deletedFirst.ContainsKey(old.Urn) => await RemakeAsync(goal, urn, old),
                null or { PendingReplacement: true } => Skip(goal, urn),
                _ => await SameAsync(old, old with { Urn = urn }),
            };
        }

        // Only who uses such a provider needs what it needs.
        if (missing is not null && ProviderReference.IsProviderType(goal.Type) && !_targets.Contains(urn))
        {
            return old is null ? Skip(goal, urn) : await SameAsync(old, old with { Urn = urn });
        }

        if (missing is not null)
        {
            throw Fail(urn, $"it depends on {missing}, which is not there yet and not among the targets; add --target '{missing}'");
        }

        if (ProviderReference.IsProviderType(goal.Type))
        {
            return fault is null ? await RegisterProviderAsync(goal, urn, old) : throw fault;
        }

        if (!goal.Custom)
        {
            return fault is null ? await RegisterComponentAsync(goal, urn, old) : throw fault;
        }

        var (reference, provider) = await ProviderOfAsync(goal.Type, goal.Parent, goal.Options, urn);
        if (fault is null && goal.Options.Import.Length > 0 && (old is null || old.External || (goal.Options.Import != old.ImportId && goal.Options.Import != old.Id)))
        {
            return await ImportAsync(goal, urn, old, reference, provider);
        }

        return await RegisterCustomAsync(goal, urn, old, reference, provider, fault);
    }

    private async Task<ResourceState> RegisterComponentAsync(ResourceGoal goal, string urn, ResourceState? old)
    {
        var wish = Wish(goal, urn, goal.Inputs, "");
        if (old is null)
        {
            return await CreatedQuietlyAsync(wish);
        }

        if (old.Custom)
        {
            return await ReplaceQuietlyAsync(old, wish);
        }

        var now = Carry(old, wish);
        if (old.Inputs.Equals(goal.Inputs))
        {
            return await SameAsync(old, now);
        }

        var changed = PropertyComparer.Compare(old.Inputs, goal.Inputs).Select(change => change.Path.TopLevel!).Distinct().ToArray();
        now = now with { Modified = Now };
        _registered[urn] = now;
        await TakeQuietStepAsync(new Step(StepOperation.Update, urn, old, now, ResourceDiff.Some(changed)), state => state.Add(old, now));
        return now;
    }

    private async Task<ResourceState> CreatedQuietlyAsync(ResourceState wish)
    {
        var created = wish with { Created = Now, Modified = Now };
        _registered[wish.Urn] = created;
        await TakeQuietStepAsync(new Step(StepOperation.Create, wish.Urn, null, wish), state => state.Add(null, created));
        return created;
    }

    // A component in the place of what a provider managed, which goes once all else is done.
    private async Task<ResourceState> ReplaceQuietlyAsync(ResourceState old, ResourceState wish)
    {
        RefuseProtected(old, wish);
        var created = wish with { Created = Now, Modified = Now };
        _registered[wish.Urn] = created;
        _replaced.TryAdd(wish.Urn, true);
        var diff = ResourceDiff.Some("provider") with { ReplaceKeys = ["provider"] };
        var going = old with { Delete = true };
        await TakeQuietStepAsync(new Step(StepOperation.CreateReplacement, wish.Urn, old, created, diff), state =>
        {
            state.Exchange(old, going);
            state.Add(null, created);
        });
        await TakeQuietStepAsync(new Step(StepOperation.Replace, wish.Urn, going, created, diff), _ => { }, write: false);
        return created;
    }

    /// <summary>Makes again what was deleted because a target was: as it was, but for what depends on resources that were made anew.</summary>
    private async Task<ResourceState> RemakeAsync(ResourceGoal goal, string urn, ResourceState old)
    {
        var (reference, provider) = await ProviderOfAsync(goal.Type, goal.Parent, goal.Options, urn);
        var fresh = (old.PropertyDependencies ?? goal.PropertyDependencies)
            .Where(property => property.Value.Any(_replaced.ContainsKey) && goal.Inputs[property.Key] is { } value && (IsPreview || !value.ContainsUnknown)
                && !goal.PropertyDependencies.GetValueOrDefault(property.Key, []).Any(_skipped.ContainsKey))
            .Select(property => property.Key);
        var inputs = fresh.Aggregate(old.Inputs, (all, name) => all.With(name, goal.Inputs[name]!));
        return await RecreateAsync(provider, old, old with { Urn = urn, Id = "", Inputs = inputs, Outputs = ObjectValue.Empty, InitErrors = [], Provider = reference, PendingReplacement = false });
    }

    private async Task<ResourceState> RecreateAsync(Provider provider, ResourceState old, ResourceState wish)
    {
        _replaced.TryAdd(wish.Urn, true);
        await TakeQuietStepAsync(new Step(StepOperation.Replace, wish.Urn, old, wish), _ => { }, write: false);
        return await CreateAsync(provider, wish, old, StepOperation.CreateReplacement, null);
    }

    /// <param name="fault">What is wrong with the resource already; it is checked all the same, so that all is told at once.</param>
    private async Task<ResourceState> RegisterCustomAsync(
        ResourceGoal goal, string urn, ResourceState? old, string reference, Provider provider, ResourceFailedException? fault)
    {
        var isToBeReplaced = !_toReplace.IsAll && _toReplace.Contains(urn);
        var known = old is { External: false, PendingReplacement: false } && !isToBeReplaced ? old : null;
        var given = goal.Inputs;
        if (known is not null)
        {
            given = goal.Options.IgnoreChanges.Aggregate(given, (inputs, path) => PathOf(path, urn).Reset(known.Inputs, inputs));
        }

        var inputs = await CheckedAsync(provider, urn, known?.Inputs ?? ObjectValue.Empty, given);
        if (fault is not null)
        {
            throw fault;
        }

        var wish = Wish(goal, urn, inputs, reference);
        if (old is null)
        {
            return await CreateAsync(provider, wish, null, StepOperation.Create, null);
        }

        if (old.External)
        {
            return await CreateAsync(provider, wish, old, StepOperation.Create, null);
        }

        if (old.PendingReplacement)
        {
            return await RecreateAsync(provider, old, wish);
        }

        var diff = isToBeReplaced ? ResourceDiff.Some() with { ReplaceKeys = ["id"] } : await DiffAsync(provider, old, wish, goal.Options);
        if (diff.IsReplace)
        {
            return await ReplaceAsync(goal, provider, old, wish, diff);
        }

        return diff.Changes == ResourceDiff.Answer.None
            ? await SameAsync(old, Carry(old, wish))
            : await UpdateAsync(goal, provider, old, wish, diff);
    }

    private async Task<ObjectValue> CheckedAsync(Provider provider, string urn, ObjectValue olds, ObjectValue news)
    {
        if (!provider.IsConfigured)
        {
            return news;
        }

        CheckedInputs check;
        try
        {
            check = await provider.CheckAsync(urn, olds, news, SeedOf(urn));
        }
        catch (ProviderCallException fault)
        {
            throw Fail(urn, fault.Message);
        }

        RefuseFailures(urn, check);
        return check.Inputs;
    }

    // The provider says what is wrong with a value; the value itself may be one that nobody is to see.
    private void RefuseFailures(string urn, CheckedInputs check)
    {
        foreach (var (property, reason) in check.Failures)
        {
            Fail(urn, property.Length == 0 ? reason : $"the property {property} has a problem: {reason}");
        }

        if (check.Failures.Length > 0)
        {
            throw new ResourceFailedException($"{urn} has inputs that its provider refuses");
        }
    }

    private async Task<ResourceDiff> DiffAsync(Provider provider, ResourceState old, ResourceState wish, ResourceOptions options)
    {
        if (old.Taint)
        {
            return ResourceDiff.Some() with { ReplaceKeys = ["taint"] };
        }

        // An earlier run may have ended while it did that: the other one is replaced, and this one was on its way.
        if (options.ReplaceWith.Any(_replaced.ContainsKey)
            || (options.ReplaceWith.Length > 0 && _state.Pending.Any(operation => operation.Type == PendingOperation.Creating && operation.Resource.Urn == wish.Urn)))
        {
            return ResourceDiff.Some() with { ReplaceKeys = ["replaceWith"] };
        }

        try
        {
            if (await NeedsOtherProviderAsync(old, wish))
            {
                return ResourceDiff.Some("provider") with { ReplaceKeys = ["provider"] };
            }
        }
        catch (Exception fault) when (IsOfProvider(fault))
        {
            throw Fail(wish.Urn, fault.Message);
        }

        if (!provider.IsConfigured)
        {
            return PropertyComparer.Compare(old.Inputs, wish.Inputs) is { Count: > 0 } changes ? ResourceDiff.Some([.. changes.Select(change => change.Path.TopLevel!).Distinct()]) : ResourceDiff.None;
        }

        ResourceDiff diff;
        try
        {
            diff = await provider.DiffAsync(old with { Urn = wish.Urn }, wish.Inputs, options.IgnoreChanges);
        }
        catch (ProviderCallException fault)
        {
            throw Fail(wish.Urn, fault.Message);
        }

        diff = Decide(diff, old.Inputs, wish.Inputs);
        if (diff.Changes == ResourceDiff.Answer.None && old.InitErrors.Length > 0)
        {
            diff = diff with { Changes = ResourceDiff.Answer.Some, ChangedKeys = [ResourceDiff.InitErrorsKey] };
        }

        return diff.Changes == ResourceDiff.Answer.None ? diff : ReplaceOnChanges(diff, options.ReplaceOnChanges, wish.Urn);
    }

    // Of a provider that can't tell, the inputs decide.
    private static ResourceDiff Decide(ResourceDiff diff, ObjectValue olds, ObjectValue news)
    {
        if (diff.Changes != ResourceDiff.Answer.Unknown)
        {
            return diff;
        }

        var changes = PropertyComparer.Compare(olds, news);
        return changes.Count == 0 && diff.ReplaceKeys.IsEmpty
            ? diff with { Changes = ResourceDiff.Answer.None }
            : diff with { Changes = ResourceDiff.Answer.Some, ChangedKeys = diff.ChangedKeys.IsEmpty ? [.. changes.Select(change => change.Path.TopLevel!).Distinct()] : diff.ChangedKeys };
    }

    private ResourceDiff ReplaceOnChanges(ResourceDiff diff, ImmutableArray<string> replaceOnChanges, string urn)
    {
        if (replaceOnChanges.IsEmpty)
        {
            return diff;
        }

        var paths = replaceOnChanges.Select(path => PathOf(path, urn)).ToList();
        bool IsCovered(string path) => paths.Exists(wanted => wanted.Covers(PathOf(path, urn)));
        var details = diff.Details;
        foreach (var (path, change) in diff.Details ?? ImmutableSortedDictionary<string, Protocol.Contract.PropertyDiff>.Empty)
        {
            if (IsCovered(path) && !ResourceDiff.IsReplaceKind(change))
            {
                var replacing = change.Clone();
                replacing.Kind += 1; // Each kind is followed by its replacing one.
                details = details!.SetItem(path, replacing);
            }
        }

        var keys = diff.ChangedKeys.Where(IsCovered).Concat((diff.Details ?? ImmutableSortedDictionary<string, Protocol.Contract.PropertyDiff>.Empty).Keys.Where(IsCovered).Select(path => PropertyPath.Parse(path).TopLevel!));
        return diff with { Details = details, ReplaceKeys = [.. diff.ReplaceKeys.Union(keys)] };
    }

    /// <param name="old">What it takes the place of; null for nothing.</param>
    /// <param name="going">What the old one is from then on; null where it is no more.</param>
    private async Task<ResourceState> CreateAsync(
        Provider provider, ResourceState wish, ResourceState? old, StepOperation operation, ResourceDiff? diff, ResourceState? going = null)
    {
        var created = await TakeStepAsync(
            new Step(operation, wish.Urn, operation == StepOperation.CreateReplacement ? old : null, wish, diff),
            PendingOperation.Creating,
            async (board, status) =>
            {
                if (!provider.IsConfigured)
                {
                    return wish with { Outputs = AllUnknown, Created = Now, Modified = Now };
                }

                var (id, outputs, refresh) = await provider.CreateAsync(wish.Urn, wish.Inputs, wish.CustomTimeouts.Create, IsPreview, status);
                return wish with { Id = id, Outputs = Secrets.Close(outputs, wish.AdditionalSecretOutputs), Created = Now, Modified = Now, RefreshBeforeUpdate = refresh };
            },
            (state, made) =>
            {
                if (going is not null)
                {
                    state.Exchange(old!, going);
                    state.Add(null, made);
                }
                else
                {
                    state.Add(old, made);
                }

                state.ForgetPending(earlier => earlier.Resource.Urn == made.Urn);
            },
            half => wish with
            {
                Id = half.Id,
                Outputs = Secrets.Close(half.Outputs, wish.AdditionalSecretOutputs),
                InitErrors = half.Reasons,
                Created = Now,
                Modified = Now,
                RefreshBeforeUpdate = half.RefreshBeforeUpdate,
            });
        _registered[wish.Urn] = created;
        return created;
    }

    private async Task<ResourceState> UpdateAsync(ResourceGoal goal, Provider provider, ResourceState old, ResourceState wish, ResourceDiff diff)
    {
        var next = Carry(old, wish) with { InitErrors = [] };
        var updated = await TakeStepAsync(
            new Step(StepOperation.Update, wish.Urn, old, next, diff),
            PendingOperation.Updating,
            async (board, status) =>
            {
                if (!provider.IsConfigured)
                {
                    return next with { Outputs = AllUnknown };
                }

                var (outputs, refresh) = await provider.UpdateAsync(
                    old with { Urn = wish.Urn }, wish.Inputs, wish.CustomTimeouts.Update, goal.Options.IgnoreChanges, IsPreview, status, board.OldViews);
                return next with { Outputs = Secrets.Close(outputs, wish.AdditionalSecretOutputs), Modified = Now, RefreshBeforeUpdate = refresh };
            },
            (state, made) => state.Add(old, made),
            half => next with
            {
                Outputs = Secrets.Close(half.Outputs, wish.AdditionalSecretOutputs),
                InitErrors = half.Reasons,
                Modified = Now,
                RefreshBeforeUpdate = half.RefreshBeforeUpdate,
            });
        _registered[wish.Urn] = updated;
        return updated;
    }

    private async Task<ResourceState> SameAsync(ResourceState old, ResourceState now)
    {
        var isSame = StateComparer.AreSame(old, now);
        now = isSame ? old : now;
        _registered[now.Urn] = now;
        await TakeQuietStepAsync(new Step(StepOperation.Same, now.Urn, old, now), state =>
        {
            state.Add(old, now);
            var last = now;
            foreach (var view in _oldViews[old.Urn])
            {
                state.Remove(view);
                state.AddBehind(last, view);
                last = view;
            }
        }, write: !isSame);
        return now;
    }

    private static ResourceState Wish(ResourceGoal goal, string urn, ObjectValue inputs, string provider) => new()
    {
        Urn = urn,
        Type = goal.Type,
        Custom = goal.Custom,
        Inputs = inputs,
        Parent = goal.Parent,
        Protect = goal.Options.Protect ?? false,
        Dependencies = [.. ValueDependenciesOf(goal).Distinct().Order(StringComparer.Ordinal)],
        Provider = provider,
        PropertyDependencies = goal.PropertyDependencies,
        AdditionalSecretOutputs = goal.Options.AdditionalSecretOutputs,
        CustomTimeouts = goal.Options.CustomTimeouts,
        ImportId = goal.Options.Import,
        RetainOnDelete = goal.Options.RetainOnDelete ?? false,
        DeletedWith = goal.Options.DeletedWith,
        ReplaceWith = goal.Options.ReplaceWith,
        IgnoreChanges = goal.Options.IgnoreChanges,
        ReplaceOnChanges = goal.Options.ReplaceOnChanges,
    };

    // What a resource keeps when it is not made anew.
    private static ResourceState Carry(ResourceState old, ResourceState wish) => wish with
    {
        Id = old.Id,
        Outputs = old.Outputs,
        InitErrors = old.InitErrors,
        Created = old.Created,
        Modified = old.Modified,
        RefreshBeforeUpdate = old.RefreshBeforeUpdate,
        Others = old.Others,
    };

    private ResourceGoal Inherit(ResourceGoal goal)
    {
        if (goal.Parent.Length == 0 || !_goals.TryGetValue(goal.Parent, out var parent))
        {
            return goal;
        }

        return goal with
        {
            Options = goal.Options with
            {
                Protect = goal.Options.Protect ?? parent.Options.Protect,
                RetainOnDelete = goal.Options.RetainOnDelete ?? parent.Options.RetainOnDelete,
                DeletedWith = goal.Options.DeletedWith.Length > 0 ? goal.Options.DeletedWith : parent.Options.DeletedWith,
                Providers = parent.Options.Providers.SetItems(goal.Options.Providers),
            },
        };
    }

    /// <summary>What the state has of the resource: under its URN, or under the first of its former ones that is there.</summary>
    /// <param name="fault">Set, and told, where two resources would be one of the state.</param>
    private ResourceState? FindOld(ResourceGoal goal, string urn, out ResourceFailedException? fault)
    {
        fault = _claimed.TryGetValue(urn, out var claimant)
            ? Fail(urn, $"{claimant} says by an alias that it had this name; a resource of this name can't be in the program as well. Give this one another name, or take the alias away")
            : null;
        if (_olds.TryGetValue(urn, out var old))
        {
            return old;
        }

        foreach (var alias in AliasUrns(goal))
        {
            if (!_olds.TryGetValue(alias, out old))
            {
                continue;
            }

            if (!_claimed.TryAdd(alias, urn))
            {
                fault = Fail(urn, $"its alias {alias} is claimed by {_claimed[alias]} already; a resource can go on in one other only, so take the alias away from one of them");
                return old;
            }

            if (_goals.ContainsKey(alias))
            {
                fault = Fail(urn, $"its alias {alias} is a resource of the program itself; take the alias away, or remove that resource");
                return old;
            }

            _formerUrns[urn] = alias;
            _state.Rename(alias, urn);
            return old;
        }

        return null;
    }

    private IEnumerable<string> AliasUrns(ResourceGoal goal)
    {
        var own = goal.Options.Aliases.Select(alias => alias.Urn ?? Urn.Of(
            alias.Stack ?? Request.Stack, alias.Project ?? Request.Project, ParentOf(alias, goal), alias.Type ?? goal.Type, alias.Name ?? goal.Name)).ToList();
        if (goal.Parent.Length == 0)
        {
            return own.Distinct();
        }

        // Children of what was renamed had its old type among their parents', and often its name at the front of theirs. The run that renamed the parent may
        // have ended before it came to them, so that what the parent says it was called counts, too.
        string OfChild(string former, string type, string name)
            => Urn.Of(Request.Stack, Request.Project, former, type,
                name.StartsWith(Urn.NameOf(goal.Parent), StringComparison.Ordinal) ? Urn.NameOf(former) + name[Urn.NameOf(goal.Parent).Length..] : name);
        var formers = (_formerUrns.TryGetValue(goal.Parent, out var found) ? [found] : Array.Empty<string>()).Concat(_goals.TryGetValue(goal.Parent, out var parent) ? AliasUrns(parent) : []).Distinct();
        return own.Concat(formers.SelectMany(former => own.Select(alias => OfChild(former, Urn.TypeOf(alias), Urn.NameOf(alias))).Prepend(OfChild(former, goal.Type, goal.Name)))).Distinct();
    }

    private string? ParentOf(ResourceAlias alias, ResourceGoal goal)
        => alias.NoParent ? null : alias.ParentUrn is { } parent ? _formerUrns.GetValueOrDefault(parent, parent) : goal.Parent;

    private bool IsTargeted(string urn, ResourceGoal goal)
        => _targets.Contains(urn) || goal.Type == Urn.StackType || ProviderReference.IsProviderType(goal.Type)
            || (!_targets.Excludes(urn) && Request.TargetDependents && DependenciesOf(goal).Any(dependency => _goals.TryGetValue(dependency, out var other) && other.Type != Urn.StackType && IsTargeted(dependency, other)));

    private ChangePath PathOf(string text, string urn)
    {
        try
        {
            return ChangePath.Parse(text);
        }
        catch (ProtocolException fault)
        {
            throw Fail(urn, fault.Message);
        }
    }

    // Not the deployment's seed itself: two resources must not get the same random name.
    private ReadOnlyMemory<byte> SeedOf(string urn) => SHA256.HashData([.. Request.Seed.Span, .. Encoding.UTF8.GetBytes(urn)]);
}
