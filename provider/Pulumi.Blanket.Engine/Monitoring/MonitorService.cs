using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Monitoring;

/// <summary>The resource monitor as components of providers call it; only translates.</summary>
internal sealed class MonitorService(Func<Deployment> deployment) : ResourceMonitor.ResourceMonitorBase
{
    private static readonly ResourceMonitorFeature[] Features =
    [
        ResourceMonitorFeature.Secrets, ResourceMonitorFeature.ResourceReferences, ResourceMonitorFeature.OutputValues,
        ResourceMonitorFeature.AliasSpecs, ResourceMonitorFeature.DeletedWith, ResourceMonitorFeature.ReplaceWith,
        ResourceMonitorFeature.ByteString, ResourceMonitorFeature.InvokeDependsOn, ResourceMonitorFeature.InvokeParent,
    ];

    public override Task<DeploymentInfo> GetDeploymentInfo(Empty request, ServerCallContext context)
    {
        var settings = deployment().Request;
        DeploymentInfo info = new()
        {
            Project = settings.Project,
            Stack = settings.Stack,
            Organization = settings.Organization,
            DryRun = settings.IsPreview,
            Parallel = settings.Parallel,
        };
        foreach (var (key, value) in settings.Config)
        {
            info.Config.Add(key, value.Text);
        }

        info.ConfigSecretKeys.AddRange(settings.Config.Where(setting => setting.Value.IsSecret).Select(setting => setting.Key));
        info.SupportedFeatures.AddRange(Features);
        return Task.FromResult(info);
    }

    public override Task<SupportsFeatureResponse> SupportsFeature(SupportsFeatureRequest request, ServerCallContext context) => Task.FromResult(new SupportsFeatureResponse
    {
        HasSupport = request.Id is "secrets" or "resourceReferences" or "outputValues" or "aliasSpecs" or "deletedWith" or "replaceWith",
    });

    public override Task<RegisterResourceResponse> RegisterResource(RegisterResourceRequest request, ServerCallContext context) => AnswerAsync(async () =>
    {
        if (request.Transforms.Count > 0 || request.StateMigrations.Count > 0 || request.Hooks is not null)
        {
            throw new RpcException(new Status(StatusCode.Unimplemented, "this engine has no transforms, state migrations and resource hooks; use Pulumi's own for them"));
        }

        var (inputs, dependencies) = OpenOutputs(PropertyCodec.DecodeObject(request.Object));
        foreach (var (name, urns) in request.PropertyDependencies)
        {
            dependencies = dependencies.SetItem(name, [.. urns.Urns.Concat(dependencies.GetValueOrDefault(name, [])).Distinct().Order(StringComparer.Ordinal)]);
        }

        // Who doesn't tell them by property means all of them for each.
        if (request.PropertyDependencies.Count == 0)
        {
            ImmutableArray<string> all = [.. request.Dependencies.Concat(dependencies.Values.SelectMany(urns => urns)).Distinct().Order(StringComparer.Ordinal)];
            dependencies = dependencies.SetItems(dependencies.Keys.Select(name => KeyValuePair.Create(name, all)));
        }

        var resource = await deployment().RegisterResourceAsync(
            new ResourceGoal
            {
                Type = request.Type,
                Name = request.Name,
                Parent = request.Parent,
                Custom = request.Custom && !request.Remote,
                Remote = request.Remote,
                Inputs = inputs,
                PropertyDependencies = dependencies,
                Options = OptionsOf(request),
            },
            context.CancellationToken);
        var outputs = request.AcceptSecrets ? resource.Outputs : Secrets.Open(resource.Outputs);
        RegisterResourceResponse response = new()
        {
            Urn = resource.Urn,
            Id = resource.Id is Protocol.Values.StringValue id ? id.Text : "",
            Object = PropertyCodec.EncodeObject(request.SupportsPartialValues ? outputs : new ObjectValue(outputs.Properties.Where(output => !output.Value.ContainsUnknown))),
        };
        foreach (var (name, urns) in resource.Dependencies ?? ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty)
        {
            response.PropertyDependencies.Add(name, new RegisterResourceResponse.Types.PropertyDependencies { Urns = { urns } });
        }

        return response;
    });

    public override Task<Empty> RegisterResourceOutputs(RegisterResourceOutputsRequest request, ServerCallContext context) => AnswerAsync(async () =>
    {
        await deployment().RegisterOutputsAsync(request.Urn, OpenOutputs(PropertyCodec.DecodeObject(request.Outputs)).Values, context.CancellationToken);
        return new Empty();
    });

    public override Task<ReadResourceResponse> ReadResource(ReadResourceRequest request, ServerCallContext context) => AnswerAsync(async () =>
    {
        ReadGoal goal = new(
            request.Type, request.Name, request.Parent, PropertyCodec.Decode(Value.ForString(request.Id)), OpenOutputs(PropertyCodec.DecodeObject(request.Properties)).Values,
            [.. request.Dependencies],
            new ResourceOptions
            {
                Provider = request.Provider,
                Version = request.Version,
                PluginDownloadUrl = request.PluginDownloadURL,
                AdditionalSecretOutputs = [.. request.AdditionalSecretOutputs],
            });
        var resource = await deployment().ReadResourceAsync(goal, context.CancellationToken);
        return new ReadResourceResponse
        {
            Urn = resource.Urn,
            Properties = PropertyCodec.EncodeObject(request.AcceptSecrets ? resource.Outputs : Secrets.Open(resource.Outputs)),
        };
    });

    public override Task<ResourceInvokeResponse> Invoke(ResourceInvokeRequest request, ServerCallContext context) => AnswerAsync(async () =>
    {
        var arguments = OpenOutputs(PropertyCodec.DecodeObject(request.Args)).Values;
        if (arguments.ContainsUnknown)
        {
            return new ResourceInvokeResponse { Unknown = true };
        }

        var result = await deployment().InvokeAsync(
            new InvokeGoal(request.Tok, arguments, request.Provider, request.Version, request.Parent, [.. request.DependsOn]), context.CancellationToken);
        return new ResourceInvokeResponse { Return = PropertyCodec.EncodeObject(result) };
    });

    public override Task<CallResponse> Call(ResourceCallRequest request, ServerCallContext context) => AnswerAsync(() => deployment().CallMethodAsync(request));

    public override Task<Empty> SignalAndWaitForShutdown(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

    private static ResourceOptions OptionsOf(RegisterResourceRequest request) => new()
    {
        Protect = request.HasProtect ? request.Protect : null,
        DependsOn = [.. request.Dependencies],
        Provider = request.Provider,
        Providers = request.Providers.ToImmutableSortedDictionary(StringComparer.Ordinal),
        IgnoreChanges = [.. request.IgnoreChanges],
        ReplaceOnChanges = [.. request.ReplaceOnChanges],
        DeleteBeforeReplace = request.DeleteBeforeReplaceDefined ? request.DeleteBeforeReplace : null,
        AdditionalSecretOutputs = [.. request.AdditionalSecretOutputs],
        CustomTimeouts = request.CustomTimeouts is { } timeouts
            ? new CustomTimeouts(Seconds(timeouts.Create), Seconds(timeouts.Update), Seconds(timeouts.Delete), Seconds(timeouts.Read))
            : CustomTimeouts.None,
        RetainOnDelete = request.HasRetainOnDelete ? request.RetainOnDelete : null,
        DeletedWith = request.DeletedWith,
        ReplaceWith = [.. request.ReplaceWith],
        Aliases = [.. request.Aliases.Select(AliasOf), .. request.AliasURNs.Select(urn => new ResourceAlias(urn))],
        Import = request.ImportId,
        Version = request.Version,
        PluginDownloadUrl = request.PluginDownloadURL,
    };

    private static double Seconds(string text) => text.Length == 0
        ? 0
        : Programs.Documents.Duration.Parse(text) ?? throw new EngineException(EngineFailure.InvalidInput, $"'{text}' is no duration; write it like 90s, 5m or 1h30m");

    private static ResourceAlias AliasOf(Alias alias)
    {
        static string? Text(string text) => text.Length == 0 ? null : text;
        return alias.AliasCase == Alias.AliasOneofCase.Urn
            ? new ResourceAlias(alias.Urn)
            : new ResourceAlias(null, Text(alias.Spec.Name), Text(alias.Spec.Type), Text(alias.Spec.Stack), Text(alias.Spec.Project), Text(alias.Spec.ParentUrn), alias.Spec.NoParent);
    }

    // Components hand on values as outputs: what they depend on belongs beside the values here, and a secret is a secret.
    private static (ObjectValue Values, ImmutableSortedDictionary<string, ImmutableArray<string>> Dependencies) OpenOutputs(ObjectValue value)
    {
        var values = ObjectValue.Empty;
        var dependencies = ImmutableSortedDictionary.Create<string, ImmutableArray<string>>(StringComparer.Ordinal);
        foreach (var (name, property) in value.Properties)
        {
            SortedSet<string> urns = new(StringComparer.Ordinal);
            values = values.With(name, OutputValues.Open(property, urns));
            dependencies = dependencies.Add(name, [.. urns]);
        }

        return (values, dependencies);
    }

    // What is wrong was told to the user already; the component only needs to know that it can't go on.
    private static async Task<T> AnswerAsync<T>(Func<Task<T>> answer)
        where T : IMessage
    {
        try
        {
            return await answer();
        }
        catch (ResourceFailedException fault)
        {
            throw new RpcException(new Status(StatusCode.Unknown, fault.Message));
        }
        catch (EngineException fault)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, fault.Message));
        }
    }
}
