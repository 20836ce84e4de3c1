using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.Programs.Documents;
using Pulumi.Blanket.Engine.Programs.Expressions;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Running;

internal sealed partial class ProgramRun
{
    // How an id that is not known stands in a provider's reference.
    private static readonly string UnknownId = PropertyCodec.Encode(UnknownValue.Text).StringValue;

    private ResourceGoal MakeGoal(ResourceDeclaration resource)
    {
        var inputs = ImmutableSortedDictionary.CreateBuilder<string, PropertyValue>(StringComparer.Ordinal);
        var dependencies = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        foreach (var property in resource.Properties?.Entries ?? [])
        {
            var evaluated = _evaluator.Evaluate(property.Value);

            // Null alone means "not given", as in the language SDKs.
            if (evaluated.Value is not NullValue || !evaluated.Dependencies.IsEmpty)
            {
                inputs[property.Name] = resource.Schema!.Inputs.Properties.GetValueOrDefault(property.Name)?.IsSecret == true ? PlainValue.Secret(evaluated.Value) : evaluated.Value;
                dependencies[property.Name] = evaluated.Dependencies;
            }
        }

        var isComponent = resource.Schema!.IsComponent;
        return new ResourceGoal
        {
            Type = resource.Schema.Token,
            Name = NameOf(resource),
            Custom = !isComponent,
            Remote = isComponent,
            Parent = ParentOf(resource.Options.Parent),
            Inputs = new ObjectValue(inputs.ToImmutable()),
            PropertyDependencies = dependencies.ToImmutable(),
            Options = MakeOptions(resource),
        };
    }

    private ReadGoal MakeRead(ResourceDeclaration resource)
    {
        HashSet<string> dependencies = new(StringComparer.Ordinal);
        var id = Secrets.Open(_evaluator.Evaluate(resource.ReadId!, dependencies));
        if (id is NullValue or StringValue { Text: "" })
        {
            throw new EvaluationException(resource.ReadId!.Position, $"the id of '{resource.Name}', which is to be read, is empty");
        }

        var state = resource.ReadState is { } given ? (ObjectValue)_evaluator.Evaluate(given, dependencies) : ObjectValue.Empty;
        var options = MakeOptions(resource);
        dependencies.UnionWith(options.DependsOn);
        return new ReadGoal(resource.Schema!.Token, NameOf(resource), ParentOf(resource.Options.Parent), id, state, [.. dependencies.Order(StringComparer.Ordinal)], options);
    }

    /// <summary>The call to make; null where it can't be made before something is known, and then its result is unknown too.</summary>
    /// <param name="result">Secret where the result will be, with the dependencies that it will have.</param>
    private InvokeGoal? MakeInvoke(InvokeExpression call, out Evaluated result)
    {
        HashSet<string> dependencies = new(StringComparer.Ordinal);
        var arguments = call.Arguments is { } given ? _evaluator.Evaluate(given, dependencies) : ObjectValue.Empty;
        var dependsOn = ResourcesOf(call.DependsOn, "dependsOn");
        dependencies.UnionWith(dependsOn);
        var provider = ProviderOf(call.Provider);
        var isUnknown = arguments.ContainsUnknown || dependsOn.Any(_evaluator.IsPending) || provider.EndsWith(UnknownId, StringComparison.Ordinal);
        result = new Evaluated(isUnknown ? UnknownValue.Text : arguments.ContainsSecret ? new SecretValue(NullValue.Instance) : NullValue.Instance,
            [.. dependencies.Order(StringComparer.Ordinal)]);
        return isUnknown ? null : new InvokeGoal(call.Token, (ObjectValue)Secrets.Open(arguments), provider, call.Version,
            call.Parent is null ? "" : ParentOf(call.Parent), dependsOn);
    }

    private ResourceOptions MakeOptions(ResourceDeclaration resource)
    {
        var options = resource.Options;
        var isComponent = resource.Schema!.IsComponent;

        // A component hands a provider on to its children, also one of another package, which is not its own.
        var provider = ProviderOf(options.Provider);
        return new ResourceOptions
        {
            Protect = TruthOf(options.Protect, "protect"),
            DependsOn = ResourcesOf(options.DependsOn, "dependsOn"),
            Provider = isComponent && provider.Length > 0 && PackageOf(provider) != resource.Package ? "" : provider,
            Providers = ProvidersOf(options, isComponent ? provider : ""),
            IgnoreChanges = TextsOf(options.IgnoreChanges, "ignoreChanges"),
            ReplaceOnChanges = TextsOf(options.ReplaceOnChanges, "replaceOnChanges"),
            DeleteBeforeReplace = TruthOf(options.DeleteBeforeReplace, "deleteBeforeReplace"),
            AdditionalSecretOutputs = SecretOutputsOf(resource),
            CustomTimeouts = options.CustomTimeouts,
            RetainOnDelete = TruthOf(options.RetainOnDelete, "retainOnDelete"),
            DeletedWith = options.DeletedWith is { } deletedWith ? ResourceOf(deletedWith, "deletedWith").Urn : "",
            ReplaceWith = ResourcesOf(options.ReplaceWith, "replaceWith"),
            Aliases = AliasesOf(options.Aliases),
            Import = options.Import is { } import ? KnownText(import, "import") : "",
            Version = options.Version,
            PluginDownloadUrl = options.PluginDownloadUrl,
        };
    }

    private string NameOf(ResourceDeclaration resource) => resource.LogicalName is { } name ? KnownText(name, "name") : resource.Name;

    private string ParentOf(Expression? parent) => parent is null ? _stack : ResourceOf(parent, "parent").Urn;

    private string ProviderOf(Expression? provider) => provider is null ? "" : ReferenceTo(ResourceOf(provider, "provider"));

    private static string ReferenceTo(ResourceReferenceValue provider) => $"{provider.Urn}::{(provider.Id?.Bare as StringValue)?.Text ?? UnknownId}";

    private ImmutableSortedDictionary<string, string> ProvidersOf(OptionExpressions options, string own)
    {
        var providers = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (own.Length > 0)
        {
            providers[PackageOf(own)] = own;
        }

        if (options.Providers is MapExpression map)
        {
            foreach (var entry in map.Entries)
            {
                providers[entry.Name] = ProviderOf(entry.Value);
            }
        }
        else if (options.Providers is { } list)
        {
            foreach (var expression in list is ListExpression { Items: var items } ? items : [list])
            {
                var provider = ProviderOf(expression);
                providers[PackageOf(provider)] = provider;
            }
        }

        return providers.ToImmutable();
    }

    private static string PackageOf(string provider)
    {
        var type = Urn.TypeOf(provider);
        return type.StartsWith(ResourceDeclaration.ProviderPrefix, StringComparison.Ordinal) ? type[ResourceDeclaration.ProviderPrefix.Length..] : type;
    }

    private ImmutableArray<string> SecretOutputsOf(ResourceDeclaration resource)
    {
        var given = TextsOf(resource.Options.AdditionalSecretOutputs, "additionalSecretOutputs");
        var bySchema = resource.Schema is { IsComponent: false } schema ? schema.SecretOutputs : [];
        return given.IsEmpty ? bySchema : [.. given.Concat(bySchema).Distinct().Order(StringComparer.Ordinal)];
    }

    private ImmutableArray<ResourceAlias> AliasesOf(Expression? aliases)
    {
        if (aliases is not ListExpression list)
        {
            return [];
        }

        return ImmutableArray.CreateRange(list.Items, item => item is MapExpression map ? AliasOf(map) : new ResourceAlias(KnownText(item, "aliases")));
    }

    private ResourceAlias AliasOf(MapExpression map)
    {
        ResourceAlias alias = new();
        foreach (var field in map.Entries)
        {
            alias = field.Name switch
            {
                "urn" => alias with { Urn = KnownText(field.Value, "urn") },
                "name" => alias with { Name = KnownText(field.Value, "name") },
                "type" => alias with { Type = KnownText(field.Value, "type") },
                "stack" => alias with { Stack = KnownText(field.Value, "stack") },
                "project" => alias with { Project = KnownText(field.Value, "project") },
                "noParent" => alias with { NoParent = TruthOf(field.Value, "noParent") ?? false },
                _ => alias with { ParentUrn = _evaluator.Evaluate(field.Value).Value.Bare is ResourceReferenceValue parent ? parent.Urn : KnownText(field.Value, "parent") },
            };
        }

        return alias;
    }

    private ResourceReferenceValue ResourceOf(Expression expression, string option)
        => _evaluator.Evaluate(expression).Value.Bare as ResourceReferenceValue
            ?? throw new EvaluationException(expression.Position, $"'{option}' needs a whole resource", "write '${name}'");

    private ImmutableArray<string> ResourcesOf(Expression? expression, string option)
    {
        switch (expression)
        {
            case null:
                return [];
            case ListExpression list:
                return ImmutableArray.CreateRange(list.Items, item => ResourceOf(item, option).Urn);
            default:
                return _evaluator.Evaluate(expression).Value.Bare switch
                {
                    ResourceReferenceValue resource => [resource.Urn],
                    ArrayValue array when array.Items.All(item => item.Bare is ResourceReferenceValue) => [.. array.Items.Select(item => ((ResourceReferenceValue)item.Bare).Urn)],
                    _ => throw new EvaluationException(expression.Position, $"'{option}' needs whole resources", "write '${name}' for each"),
                };
        }
    }

    private ImmutableArray<string> TextsOf(Expression? expression, string option)
        => expression is null ? [] : Secrets.Open(_evaluator.Evaluate(expression).Value) is ArrayValue array && array.Items.All(item => item is StringValue)
            ? [.. array.Items.Select(item => ((StringValue)item).Text)]
            : throw new EvaluationException(expression.Position, $"'{option}' needs a list of texts that are known before anything is changed");

    // What is not known in a preview is left open.
    private bool? TruthOf(Expression? expression, string option) => expression is null ? null : _evaluator.Evaluate(expression).Value.Bare switch
    {
        BoolValue truth => truth.Truth,
        NullValue or UnknownValue => null,
        _ => throw new EvaluationException(expression.Position, $"'{option}' must be true or false"),
    };

    private string KnownText(Expression expression, string option) => _evaluator.Evaluate(expression).Value.Bare switch
    {
        StringValue { Text.Length: > 0 } text => text.Text,
        UnknownValue => throw new EvaluationException(expression.Position, $"'{option}' must be known before anything is changed, and this depends on a resource that is not there yet"),
        _ => throw new EvaluationException(expression.Position, $"'{option}' must be text that is not empty"),
    };
}
