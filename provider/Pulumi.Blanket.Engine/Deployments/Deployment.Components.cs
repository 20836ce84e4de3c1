using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>Components that a provider makes, and methods of resources.</summary>
public sealed partial class Deployment
{
    private async Task<RegisteredResource> ConstructAsync(ResourceGoal goal, string urn)
    {
        var (_, provider) = await ProviderOfAsync(goal.Type, goal.Parent, goal.Options, urn);

        // The component registers itself under this URN.
        _goals.TryRemove(urn, out _);
        ConstructRequest request = new()
        {
            Project = Request.Project,
            Stack = Request.Stack,
            Organization = Request.Organization,
            DryRun = IsPreview,
            Parallel = Request.Parallel,
            MonitorEndpoint = _server.Address,
            Type = goal.Type,
            Name = goal.Name,
            Parent = goal.Parent,
            Inputs = PropertyCodec.EncodeObject(OutputValues.Close(goal.Inputs, goal.PropertyDependencies)),
            AcceptsOutputValues = true,
            DeletedWith = goal.Options.DeletedWith,
            CustomTimeouts = new ConstructRequest.Types.CustomTimeouts
            {
                Create = Seconds(goal.Options.CustomTimeouts.Create),
                Update = Seconds(goal.Options.CustomTimeouts.Update),
                Delete = Seconds(goal.Options.CustomTimeouts.Delete),
                Read = Seconds(goal.Options.CustomTimeouts.Read),
            },
        };
        foreach (var (name, urns) in goal.PropertyDependencies)
        {
            request.InputDependencies.Add(name, new ConstructRequest.Types.PropertyDependencies { Urns = { urns } });
        }

        foreach (var (key, value) in Request.Config)
        {
            request.Config.Add(key, value.Text);
        }

        request.ConfigSecretKeys.AddRange(Request.Config.Where(setting => setting.Value.IsSecret).Select(setting => setting.Key));
        foreach (var (package, reference) in goal.Options.Providers)
        {
            request.Providers.Add(package, reference);
        }

        request.Dependencies.AddRange(ValueDependenciesOf(goal).Distinct().Order(StringComparer.Ordinal));
        request.AdditionalSecretOutputs.AddRange(goal.Options.AdditionalSecretOutputs);
        request.IgnoreChanges.AddRange(goal.Options.IgnoreChanges);
        request.ReplaceOnChanges.AddRange(goal.Options.ReplaceOnChanges);
        request.ReplaceWith.AddRange(goal.Options.ReplaceWith);
        request.Aliases.AddRange(goal.Options.Aliases.Select(AliasFrom));
        SetIfSaid(goal.Options.Protect, value => request.Protect = value);
        SetIfSaid(goal.Options.DeleteBeforeReplace, value => request.DeleteBeforeReplace = value);
        SetIfSaid(goal.Options.RetainOnDelete, value => request.RetainOnDelete = value);
        try
        {
            var response = await provider.ConstructAsync(request);
            var outputs = OutputValues.Open(PropertyCodec.Decode(Google.Protobuf.WellKnownTypes.Value.ForStruct(response.State ?? new())), new HashSet<string>());
            return new RegisteredResource(
                response.Urn, null, (ObjectValue)outputs,
                response.StateDependencies.ToImmutableSortedDictionary(output => output.Key, output => output.Value.Urns.ToImmutableArray(), StringComparer.Ordinal));
        }
        catch (ProviderCallException fault)
        {
            // Where one of its children failed, that has been told with the child.
            throw _failed ? new ResourceFailedException(fault.Message) : Fail(urn, fault.Message);
        }
    }

    internal async Task<CallResponse> CallMethodAsync(ResourceCallRequest request)
    {
        ThrowIfStopped();
        var (_, provider) = await ProviderOfAsync(request.Tok, "", Monitoring.ResourceOptions.None with { Provider = request.Provider, Version = request.Version }, request.Tok);
        CallRequest call = new()
        {
            Tok = request.Tok,
            Args = request.Args,
            Project = Request.Project,
            Stack = Request.Stack,
            Organization = Request.Organization,
            DryRun = IsPreview,
            Parallel = Request.Parallel,
            MonitorEndpoint = _server.Address,
            AcceptsOutputValues = true,
        };
        foreach (var (name, dependencies) in request.ArgDependencies)
        {
            call.ArgDependencies.Add(name, new CallRequest.Types.ArgumentDependencies { Urns = { dependencies.Urns } });
        }

        try
        {
            return await provider.CallMethodAsync(call);
        }
        catch (ProviderCallException fault)
        {
            throw new EngineException(EngineFailure.Deployment, $"the method {request.Tok} failed: {fault.Message}", fault);
        }
    }

    private static string Seconds(double seconds) => seconds == 0 ? "" : $"{seconds}s";

    private static void SetIfSaid(bool? value, Action<bool> set)
    {
        if (value is { } said)
        {
            set(said);
        }
    }

    private static Alias AliasFrom(ResourceAlias alias)
    {
        if (alias.Urn is { } urn)
        {
            return new Alias { Urn = urn };
        }

        Alias.Types.Spec spec = new() { Name = alias.Name ?? "", Type = alias.Type ?? "", Stack = alias.Stack ?? "", Project = alias.Project ?? "" };
        if (alias.NoParent)
        {
            spec.NoParent = true;
        }
        else if (alias.ParentUrn is { } parent)
        {
            spec.ParentUrn = parent;
        }

        return new Alias { Spec = spec };
    }
}
