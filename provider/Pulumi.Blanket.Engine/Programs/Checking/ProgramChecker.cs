using System.Collections.Frozen;
using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs.Documents;
using Pulumi.Blanket.Engine.Programs.Expressions;
using Pulumi.Blanket.Engine.Programs.Schemas;
using Pulumi.Blanket.Engine.Programs.Syntax;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Checking;

/// <summary>
/// Checks a program before anything of it runs: that each name stands for something, and that each value fits what the schema says of
/// its place. Along the way it binds references to what they name.
/// </summary>
internal sealed partial class ProgramChecker
{
    private readonly ProgramDocument _document;
    private readonly SchemaCatalog _catalog;
    private readonly DiagnosticList _diagnostics;
    private readonly Dictionary<string, Declaration> _declarations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ResourceDeclaration> _defaultProviders = new(StringComparer.Ordinal);

    private ProgramChecker(ProgramDocument document, SchemaCatalog catalog, DiagnosticList diagnostics)
    {
        _document = document;
        _catalog = catalog;
        _diagnostics = diagnostics;
    }

    public static void Check(ProgramDocument document, SchemaCatalog catalog, DiagnosticList diagnostics)
        => new ProgramChecker(document, catalog, diagnostics).Check();

    /// <summary>The packages of which a program has resources, or calls functions.</summary>
    public static IEnumerable<(string Package, string Version)> PackagesOf(ProgramDocument document)
    {
        foreach (var resource in document.Resources.Where(resource => IsToken(resource.Type) && (resource.IsProvider || resource.Package != "pulumi")))
        {
            yield return (resource.Package, resource.Options.Version);
        }

        foreach (var call in Expressions(document).SelectMany(Calls).Where(call => IsToken(call.Token)))
        {
            yield return (call.Token.Split(':')[0], call.Version);
        }
    }

    private static IEnumerable<Expression> Expressions(ProgramDocument document)
    {
        foreach (var resource in document.Resources)
        {
            foreach (var expression in ExpressionsOf(resource))
            {
                yield return expression;
            }
        }

        foreach (var expression in document.Variables.Select(variable => variable.Value).Concat(document.Outputs.Select(output => output.Value)))
        {
            yield return expression;
        }
    }

    public static IEnumerable<Expression> ExpressionsOf(ResourceDeclaration resource)
        => new[] { resource.LogicalName, resource.Properties, resource.ReadId, resource.ReadState }.OfType<Expression>().Concat(resource.Options.All);

    private static IEnumerable<InvokeExpression> Calls(Expression expression)
        => expression is LiteralExpression or ReferenceExpression or TextExpression ? []
            : (expression is InvokeExpression call ? new[] { call } : []).Concat(expression.Children.SelectMany(Calls));

    // Two or three parts, none of them empty.
    private static bool IsToken(string token)
    {
        var parts = token.Split(':');
        return parts.Length is 2 or 3 && parts.All(part => part.Length > 0);
    }

    private void Check()
    {
        foreach (var declaration in _document.Config.Concat<Declaration>(_document.Variables).Concat(_document.Resources))
        {
            Declare(declaration);
        }

        foreach (var resource in _document.Resources)
        {
            CheckType(resource);
        }

        foreach (var resource in _document.Resources)
        {
            CheckResource(resource);
        }

        foreach (var variable in _document.Variables)
        {
            TypeOf(variable);
        }

        foreach (var output in _document.Outputs)
        {
            Check(output.Value, ValueSchema.Any, Place.Of(output.Name));
        }
    }

    private void Declare(Declaration declaration)
    {
        if (declaration.Name == "pulumi")
        {
            _diagnostics.Error(declaration.Position, "the name 'pulumi' is taken: it stands for what a program knows of itself, such as ${pulumi.stack}", "choose another name");
        }
        else if (!_declarations.TryAdd(declaration.Name, declaration))
        {
            var first = _declarations[declaration.Name];
            _diagnostics.Error(declaration.Position, $"the name '{declaration.Name}' is taken: {first.Kind} in line {first.Position.Line} has it", "settings, variables and resources need different names");
        }
    }

    private void CheckType(ResourceDeclaration resource)
    {
        if (resource.Type.Length == 0)
        {
            return;
        }

        if (!IsToken(resource.Type) || (resource.IsProvider && resource.Type.Split(':').Length != 3))
        {
            _diagnostics.Error(resource.TypePosition, $"'{resource.Type}' is no type of resources", "write 'package:Type', such as 'blanket:VirtualMachine'");
            return;
        }

        if (!resource.IsProvider && resource.Package == "pulumi")
        {
            var isStackReference = resource.Type.EndsWith(":StackReference", StringComparison.Ordinal);
            _diagnostics.Error(resource.TypePosition, isStackReference ? "outputs of other stacks can't be read yet" : $"a program can't make a '{resource.Type}'",
                isStackReference ? "give the value as a setting: 'blanket config set NAME VALUE'" : null);
            return;
        }

        if (_catalog.Find(resource.Package, resource.Options.Version, out var fault) is not { } package)
        {
            _diagnostics.Error(resource.TypePosition, $"the package '{resource.Package}' can't be used: {fault}");
            return;
        }

        resource.Schema = resource.IsProvider ? package.Provider : package.FindResource(resource.Type);
        if (resource.Schema is null)
        {
            _diagnostics.Error(resource.TypePosition, $"the package '{resource.Package}' has no type of resources '{resource.Type}'",
                Suggestion.For(PackageSchema.Shorten(resource.Type), package.ResourceTokens.Select(PackageSchema.Shorten), "it"));
        }
        else if (resource.Schema.Deprecation is { } deprecation)
        {
            _diagnostics.Warning(resource.TypePosition, $"'{resource.Type}' is deprecated: {deprecation}");
        }

        if (resource.IsDefaultProvider && !resource.IsProvider)
        {
            _diagnostics.Error(resource.Position, $"'{resource.Name}' can't be a default provider: it is no provider", $"its type would have to be '{ResourceDeclaration.ProviderPrefix}{resource.Package}'");
        }
        else if (resource.IsDefaultProvider && !_defaultProviders.TryAdd(resource.Package, resource))
        {
            _diagnostics.Error(resource.Position, $"'{resource.Name}' can't be the default provider of '{resource.Package}': '{_defaultProviders[resource.Package].Name}' is", "remove 'defaultProvider' from one of the two");
        }
    }

    private void CheckResource(ResourceDeclaration resource)
    {
        if (resource.LogicalName is { } name)
        {
            Check(name, ValueSchema.Text, Place.Of("name"));
        }

        if (resource.ReadId is { } id)
        {
            Check(id, ValueSchema.Text, Place.Of("id"));
            if (resource.ReadState is { } state)
            {
                CheckState(resource, state);
            }
        }
        else if (resource.Schema is null)
        {
            // Nothing is known of its properties, but what they refer to is.
            if (resource.Properties is { } properties)
            {
                Check(properties, ValueSchema.Any, Place.Of(resource.Name));
            }
        }
        else
        {
            CheckEntries(resource.Properties?.Entries ?? [], resource.Schema.Inputs, null, resource.Position,
                $"the resource '{resource.Name}'", "under 'properties'", resource.Schema.Outputs);
        }

        CheckOptions(resource);
    }

    // What is looked up by its state may be given by inputs and by outputs.
    private void CheckState(ResourceDeclaration resource, MapExpression state)
    {
        if (resource.Schema is not { } schema)
        {
            Check(state, ValueSchema.Any, Place.Of("state"));
            return;
        }

        ObjectSchema known = new(schema.Token, schema.Inputs.Properties.Concat(schema.Outputs.Properties).DistinctBy(property => property.Key).ToFrozenDictionary(StringComparer.Ordinal), []);
        CheckEntries(state.Entries, known, null, state.Position, "the state", "below it", null);
    }

    /// <param name="place">Of the whole; null where it is a resource, or the arguments of a call.</param>
    /// <param name="whole">What the properties belong to.</param>
    /// <param name="where">Where one would add a property.</param>
    /// <param name="outputs">What can be read and not set.</param>
    private void CheckEntries(
        ImmutableArray<NamedExpression> entries, ObjectSchema schema, Place? place, Position position, string whole, string where, ObjectSchema? outputs, string noun = "property")
    {
        var given = 0;
        HashSet<string> meant = [];
        foreach (var entry in entries)
        {
            var entryPlace = place?.Property(entry.Name) ?? Place.Of(entry.Name);
            if (schema.Properties.TryGetValue(entry.Name, out var property))
            {
                given += schema.Required.Contains(entry.Name) && entry.Value is not LiteralExpression { Value: NullValue } ? 1 : 0;
                if (property.Deprecation is { } deprecation)
                {
                    _diagnostics.Warning(entry.Position, $"'{entryPlace}' is deprecated: {deprecation}");
                }

                Check(entry.Value, property.Type, entryPlace);
                continue;
            }

            Check(entry.Value, ValueSchema.Any, entryPlace);
            if (outputs is not null && outputs.Properties.ContainsKey(entry.Name))
            {
                _diagnostics.Error(entry.Position, $"'{entry.Name}' is an output of {PackageSchema.Shorten(schema.Name)}: it can be read, and not set", "remove it");
            }
            else
            {
                _diagnostics.Error(entry.Position, $"{PackageSchema.Shorten(schema.Name)} has no {noun} '{entry.Name}'",
                    OptionHint(entry.Name, outputs) ?? Suggestion.For(entry.Name, schema.Properties.Keys, "it"));
                meant.Add(NearestName.Find(entry.Name, schema.Properties.Keys.Order(StringComparer.Ordinal)) ?? "");
            }
        }

        if (given < schema.Required.Count)
        {
            ReportMissing(entries, schema, meant, position, whole, where);
        }
    }

    // What is there under a misspelt name has been told, and is not told twice.
    private void ReportMissing(ImmutableArray<NamedExpression> entries, ObjectSchema schema, HashSet<string> meant, Position position, string whole, string where)
    {
        HashSet<string> given = [.. meant];
        foreach (var entry in entries)
        {
            if (entry.Value is not LiteralExpression { Value: NullValue })
            {
                given.Add(entry.Name);
            }
        }

        foreach (var name in schema.Required.Order(StringComparer.Ordinal))
        {
            if (!given.Contains(name) && schema.Properties.GetValueOrDefault(name) is { HasDefault: false } property)
            {
                _diagnostics.Error(position, $"{whole} needs '{name}'{(property.Description.Length > 0 ? $" ({property.Description})" : "")}", $"add '{name}: …' {where}");
            }
        }
    }

    // Options among the properties are a frequent slip.
    private static string? OptionHint(string name, ObjectSchema? outputs)
        => outputs is not null && DocumentReader.IsOption(name) ? "it is an option: move it from 'properties' into 'options'" : null;
}
