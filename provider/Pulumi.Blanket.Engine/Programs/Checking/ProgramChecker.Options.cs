using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs.Documents;
using Pulumi.Blanket.Engine.Programs.Expressions;
using Pulumi.Blanket.Engine.Programs.Schemas;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Checking;

internal sealed partial class ProgramChecker
{
    private static readonly string[] AliasFields = ["urn", "name", "type", "stack", "project", "parent", "parentUrn", "noParent"];
    private static readonly ValueSchema Texts = ValueSchema.ListOf(ValueSchema.Text);

    private void CheckOptions(ResourceDeclaration resource)
    {
        var options = resource.Options;
        CheckResourcesOption(options.DependsOn, "dependsOn");
        CheckResourceOption(options.Parent, "parent");
        CheckResourceOption(options.DeletedWith, "deletedWith");
        CheckResourcesOption(options.ReplaceWith, "replaceWith");
        CheckProviderOption(options.Provider, resource.Schema is { IsComponent: false } && !resource.IsProvider ? resource.Package : null);
        CheckProviders(options.Providers);
        CheckOption(options.Protect, ValueSchema.Boolean, "protect");
        CheckOption(options.DeleteBeforeReplace, ValueSchema.Boolean, "deleteBeforeReplace");
        CheckOption(options.RetainOnDelete, ValueSchema.Boolean, "retainOnDelete");
        CheckOption(options.Import, ValueSchema.Text, "import");
        CheckPaths(options.IgnoreChanges, "ignoreChanges", resource.Schema, "property", resource.Schema?.Inputs.Properties.Keys ?? []);
        CheckPaths(options.ReplaceOnChanges, "replaceOnChanges", resource.Schema, "property", [.. resource.Schema?.Inputs.Properties.Keys ?? [], .. resource.Schema?.Outputs.Properties.Keys ?? []]);
        CheckPaths(options.AdditionalSecretOutputs, "additionalSecretOutputs", resource.Schema, "output", resource.Schema?.Outputs.Properties.Keys ?? []);
        CheckAliases(options.Aliases);
        if (options.Provider is null && !resource.IsProvider && _defaultProviders.GetValueOrDefault(resource.Package) is { } provider)
        {
            options.Provider = new ReferenceExpression(resource.TypePosition, provider.Name, [], provider.Name) { Target = provider };
        }
    }

    private void CheckOption(Expression? option, ValueSchema expected, string name)
    {
        if (option is not null)
        {
            Check(option, expected, Place.Of(name));
        }
    }

    private void CheckResourceOption(Expression? option, string name) => CheckOption(option, AnyResource, name);

    private void CheckResourcesOption(Expression? option, string name)
    {
        if (option is ListExpression)
        {
            CheckOption(option, ValueSchema.ListOf(AnyResource), name);
        }
        else
        {
            CheckResourceOption(option, name);
        }
    }

    /// <param name="package">Whose provider it has to be; null for any.</param>
    private void CheckProviderOption(Expression? option, string? package)
    {
        CheckResourceOption(option, "provider");
        if (option is ReferenceExpression { Target: ResourceDeclaration { Type.Length: > 0 } target, Accessors.IsEmpty: true } reference
            && (!target.IsProvider || (package is not null && target.Package != package)))
        {
            _diagnostics.Error(reference.Position, target.IsProvider
                    ? $"'{target.Name}' is a provider of the package '{target.Package}', and this is of '{package}'"
                    : $"'{target.Name}' is no provider: its type is '{target.Type}'",
                package is null ? null : $"name a resource of type '{ResourceDeclaration.ProviderPrefix}{package}'");
        }
    }

    private void CheckProviders(Expression? providers)
    {
        switch (providers)
        {
            case ListExpression list:
                foreach (var item in list.Items)
                {
                    CheckProviderOption(item, null);
                }

                break;
            case MapExpression map:
                foreach (var entry in map.Entries)
                {
                    CheckProviderOption(entry.Value, entry.Name);
                }

                break;
            case not null:
                CheckProviderOption(providers, null);
                break;
        }
    }

    // A path that leads nowhere would silently do nothing.
    private void CheckPaths(Expression? option, string name, ResourceSchema? resource, string noun, ImmutableArray<string> known)
    {
        CheckOption(option, Texts, name);
        if (resource is null || option is not ListExpression list)
        {
            return;
        }

        foreach (var literal in list.Items.OfType<LiteralExpression>().Where(item => item.Value is StringValue && item.Text is not ("*" or "")))
        {
            string? top;
            try
            {
                top = PropertyPath.Parse(literal.Text.Replace("[*]", "[0]", StringComparison.Ordinal)).TopLevel;
            }
            catch (ProtocolException fault)
            {
                _diagnostics.Error(literal.Position, fault.Message);
                continue;
            }

            if (top is not null && !known.Contains(top))
            {
                _diagnostics.Error(literal.Position, $"'{name}' names '{top}', and {PackageSchema.Shorten(resource.Token)} has no such {noun}", Suggestion.For(top, known.Distinct(), "it"));
            }
        }
    }

    private void CheckAliases(Expression? aliases)
    {
        if (aliases is not (null or ListExpression))
        {
            _diagnostics.Error(aliases.Position, "'aliases' must be a list", "write '- name: oldName' below it");
            Check(aliases, ValueSchema.Any, Place.Of("aliases"));
            return;
        }

        foreach (var alias in aliases is ListExpression list ? list.Items : [])
        {
            switch (alias)
            {
                case MapExpression map:
                    foreach (var field in map.Entries)
                    {
                        CheckAliasField(field);
                    }

                    break;
                case LiteralExpression { Value: StringValue } text when !Urn.IsUrn(text.Text):
                    _diagnostics.Error(text.Position, $"'{text.Text}' is no URN", $"for a former name write '- name: {text.Text}'");
                    break;
                default:
                    Check(alias, ValueSchema.Text, Place.Of("aliases"));
                    break;
            }
        }
    }

    private void CheckAliasField(NamedExpression field)
    {
        if (!AliasFields.Contains(field.Name))
        {
            _diagnostics.Error(field.Position, $"an alias has no field '{field.Name}'", Suggestion.For(field.Name, AliasFields, "it"));
            return;
        }

        Check(field.Value, field.Name switch
        {
            "parent" => new ValueSchema { Kind = ValueKind.Union, Alternatives = [AnyResource, ValueSchema.Text] },
            "noParent" => ValueSchema.Boolean,
            _ => ValueSchema.Text,
        }, Place.Of(field.Name));
    }
}
