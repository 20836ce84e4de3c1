using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Diffs;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>Providers, which are resources themselves: those that the program declares, and the default one of each package.</summary>
public sealed partial class Deployment
{
    private readonly ConcurrentDictionary<(string Package, string Version, string Url), Lazy<Task<string>>> _defaultProviders = new();
    private readonly ConcurrentDictionary<(string Old, string New), Lazy<Task<bool>>> _providerChanges = new();

    private async Task<(string Reference, Provider Provider)> ProviderOfAsync(string token, string parent, ResourceOptions options, string urn)
    {
        var package = ProviderReference.PackageOf(token);
        var reference = options.Provider;
        if (reference.Length == 0)
        {
            reference = ProviderOfParents(parent, package, options.Providers);
        }

        if (reference.Length == 0)
        {
            reference = await DefaultProviderAsync(package, options.Version, options.PluginDownloadUrl);
        }

        return (reference, await RunningProviderAsync(reference, urn));
    }

    private string ProviderOfParents(string parent, string package, ImmutableSortedDictionary<string, string> providers)
    {
        if (providers.TryGetValue(package, out var own))
        {
            return own;
        }

        for (var urn = parent; urn.Length > 0 && _goals.TryGetValue(urn, out var goal); urn = goal.Parent)
        {
            if (goal.Options.Providers.TryGetValue(package, out var reference))
            {
                return reference;
            }

            if (goal.Options.Provider.Length > 0 && Urn.TypeOf(ProviderReference.UrnOf(goal.Options.Provider)) == ProviderReference.TypeOf(package))
            {
                return goal.Options.Provider;
            }
        }

        return "";
    }

    private Task<string> DefaultProviderAsync(string package, string version, string url)
        => _defaultProviders.GetOrAdd((package, version, url), key => new(async () =>
        {
            var inputs = new ObjectValue(Request.Config
                .Where(setting => setting.Key.StartsWith($"{package}:", StringComparison.Ordinal))
                .Select(setting => KeyValuePair.Create(
                    setting.Key[(package.Length + 1)..], setting.Value.IsSecret ? new SecretValue(setting.Value.Text) : (PropertyValue)setting.Value.Text)));
            if (version.Length > 0)
            {
                inputs = inputs.With("version", version).With(Provider.InternalKey, ObjectValue.Empty);
            }

            ResourceGoal goal = new() { Type = ProviderReference.TypeOf(package), Name = ProviderReference.DefaultNameOf(version, url), Custom = true, Inputs = inputs };
            var urn = Urn.Of(Request.Stack, Request.Project, null, goal.Type, goal.Name);
            _goals.TryAdd(urn, goal);
            return (await RegisterProviderAsync(goal, urn, _olds.GetValueOrDefault(urn))).ProviderReference;
        })).Value;

    private async Task<Provider> RunningProviderAsync(string reference, string urn)
    {
        if (_providers.Find(reference) is { } running)
        {
            return await running;
        }

        return _oldProviders.TryGetValue(reference, out var state)
            ? await _providers.LoadAsync(state)
            : throw Fail(urn, $"its provider {reference} is neither in the program nor in the state");
    }

    private async Task<ResourceState> RegisterProviderAsync(ResourceGoal goal, string urn, ResourceState? old)
    {
        var package = ProviderReference.PackageOfType(goal.Type);
        var version = goal.Options.Version.Length > 0 ? goal.Options.Version : ProviderRegistry.VersionOf(goal.Inputs);
        try
        {
            var running = old is null ? null : _providers.Find(old.ProviderReference);
            var provider = running is null ? await _providers.TakeAsync(package, version) : await running;
            var check = goal.Inputs.ContainsUnknown
                ? new CheckedInputs(goal.Inputs, [])
                : await provider.CheckConfigAsync(urn, old?.Inputs ?? ObjectValue.Empty, goal.Inputs);
            RefuseFailures(urn, check);
            var wish = Wish(goal, urn, check.Inputs, "");
            if (old is null)
            {
                return await MakeProviderAsync(provider, wish, null, StepOperation.Create, null);
            }

            if (old.PendingReplacement)
            {
                return await MakeProviderAsync(running is null ? provider : await _providers.TakeAsync(package, version), wish, old, StepOperation.CreateReplacement, null);
            }

            var diff = check.Inputs.ContainsUnknown
                ? ResourceDiff.Some([.. PropertyComparer.Compare(old.Inputs, check.Inputs).Select(change => change.Path.TopLevel!).Distinct()])
                : await provider.DiffConfigAsync(urn, old.Inputs, old.Outputs, check.Inputs);
            if (diff.IsReplace)
            {
                var fresh = running is null ? provider : await _providers.TakeAsync(package, version);
                RefuseProtected(old, wish);
                var marked = old with { Delete = true };
                _state.Exchange(old, marked);
                return await MakeProviderAsync(fresh, wish, marked, StepOperation.CreateReplacement, diff);
            }

            var isSame = diff.Changes == ResourceDiff.Answer.None
                || (diff.Changes == ResourceDiff.Answer.Unknown && old.Inputs.Equals(check.Inputs));
            var now = Carry(old, wish);
            if (isSame)
            {
                await ConfigureOnceAsync(provider, running is not null, now.ProviderReference, urn, old.Id, old.Inputs);
                return await SameAsync(old, now);
            }

            // Settings are given to a plugin once: one that runs with the old ones stays with what it has begun.
            var updated = running is null ? provider : await _providers.TakeAsync(package, version);
            await ConfigureOnceAsync(updated, false, now.ProviderReference, urn, old.Id, check.Inputs);
            now = now with { Outputs = check.Inputs.Without(Provider.InternalKey), Modified = Now };
            _registered[urn] = now;
            await TakeQuietStepAsync(new Step(StepOperation.Update, urn, old, now, diff), state => state.Add(old, now));
            return now;
        }
        catch (ProviderCallException fault)
        {
            throw Fail(urn, fault.Message);
        }
        catch (EngineException fault) when (fault.Reason is EngineFailure.Plugin or EngineFailure.NotFound)
        {
            throw Fail(urn, fault.Message);
        }
    }

    private async Task ConfigureOnceAsync(Provider provider, bool isConfigured, string reference, string urn, PropertyValue id, ObjectValue inputs)
    {
        if (!isConfigured)
        {
            await provider.ConfigureAsync(urn, id, inputs);
        }

        // A renamed one may run under its old name already.
        _providers.Set(reference, provider);
    }

    private async Task<ResourceState> MakeProviderAsync(Provider provider, ResourceState wish, ResourceState? old, StepOperation operation, ResourceDiff? diff)
    {
        var made = wish with
        {
            Id = IsPreview ? ProviderReference.UnknownId : Guid.NewGuid().ToString(),
            Outputs = wish.Inputs.Without(Provider.InternalKey),
            Created = Now,
            Modified = Now,
        };
        Step step = new(operation, wish.Urn, old, made, diff);
        Observer.StepStarted(step);
        var watch = Stopwatch.StartNew();
        try
        {
            await provider.ConfigureAsync(wish.Urn, IsPreview ? UnknownValue.Text : made.Id, wish.Inputs);
        }
        catch (ProviderCallException)
        {
            Observer.StepFailed(step, watch.Elapsed);
            throw;
        }

        _providers.Set(made.ProviderReference, provider);
        _registered[wish.Urn] = made;
        if (old is not null)
        {
            _replaced.TryAdd(wish.Urn, true);
        }

        await _state.EndAsync(null, state =>
        {
            // What was deleted before it, and is not made again yet, still names it.
            if (old is { PendingReplacement: true })
            {
                state.Exchange(old, old with { PendingReplacement = false, Delete = true });
            }

            state.Add(null, made);
        });
        Count(operation == StepOperation.Create ? step : step with { Operation = StepOperation.Replace });
        Observer.StepDone(step, watch.Elapsed);
        return made;
    }

    // Under another provider a resource goes on, unless that one says that it can't: it may be the same account by another name.
    private async Task<bool> NeedsOtherProviderAsync(ResourceState old, ResourceState wish)
    {
        if (old.Provider == wish.Provider)
        {
            return false;
        }

        if (old.Provider.Length == 0 || wish.Provider.Length == 0)
        {
            return true; // a component became a resource, or the other way round
        }

        var (oldUrn, newUrn) = (ProviderReference.UrnOf(old.Provider), ProviderReference.UrnOf(wish.Provider));
        if (_claimed.TryGetValue(oldUrn, out var renamed) && renamed == newUrn)
        {
            return false;
        }

        return await _providerChanges.GetOrAdd((old.Provider, wish.Provider), _ => new(async () =>
        {
            if (!_oldProviders.TryGetValue(old.Provider, out var before) || !_registered.TryGetValue(newUrn, out var now))
            {
                return false;
            }

            var provider = await _providers.Find(wish.Provider)!;
            return (await provider.DiffConfigAsync(newUrn, before.Inputs, before.Outputs, now.Inputs)).IsReplace;
        })).Value;
    }
}
