using Pulumi.Blanket.Engine.Programs.Documents;
using Pulumi.Blanket.Engine.Programs.Expressions;
using Pulumi.Blanket.Engine.Programs.Schemas;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Checking;

internal sealed partial class ProgramChecker
{
    /// <summary>What a program knows of itself, as <c>${pulumi.stack}</c>.</summary>
    private static readonly string[] OwnNames = ["project", "stack", "organization", "cwd", "rootDirectory"];

    private static readonly ValueSchema AnyResource = new() { Kind = ValueKind.Resource };

    /// <summary>Finds what a reference names, and of what type it is.</summary>
    private ValueSchema Bind(ReferenceExpression reference)
    {
        if (reference.Name == "pulumi")
        {
            CheckOwn(reference);
            return ValueSchema.Text;
        }

        if (!_declarations.TryGetValue(reference.Name, out var target) && reference.Name.Split(':') is [{ Length: > 0 }, { Length: > 0 }])
        {
            // A setting of a provider, or of the project by its full name, needs no declaration.
            ConfigDeclaration setting = new(reference.Name, reference.Position) { IsImplicit = true };
            _document.Config.Add(setting);
            _declarations.Add(setting.Name, setting);
            target = setting;
        }

        if (target is null)
        {
            _diagnostics.Error(reference.Position, $"nothing is called '{reference.Name}'",
                NearestName.Find(reference.Name, _declarations.Keys.Append("pulumi")) is { } nearest ? $"did you mean '{nearest}'?"
                    : OwnNames.Contains(reference.Name) ? $"write '${{pulumi.{reference.Name}}}'"
                    : "declare it under 'config', 'variables' or 'resources', or write '$${' for the characters themselves");
            return ValueSchema.Any;
        }

        reference.Target = target;
        var type = target switch
        {
            ConfigDeclaration config => TypeOf(config),
            VariableDeclaration variable => TypeOf(variable),
            ResourceDeclaration { Schema: { } schema } => new ValueSchema { Kind = ValueKind.Resource, Resource = schema },
            _ => ValueSchema.Any,
        };
        for (var index = 0; index < reference.Accessors.Length && type.Kind is not ValueKind.Any; index++)
        {
            type = Step(type, reference, index);
        }

        return type;
    }

    private void CheckOwn(ReferenceExpression reference)
    {
        if (reference.Accessors is not [{ Name: { } name } accessor])
        {
            _diagnostics.Error(reference.Position, $"'${{{reference.Text}}}' is no value", $"write one of {string.Join(", ", OwnNames.Select(own => $"'${{pulumi.{own}}}'"))}");
        }
        else if (!OwnNames.Contains(name))
        {
            _diagnostics.Error(accessor.Position, $"'pulumi' has no '{name}'", Suggestion.For(name, OwnNames, "it"));
        }
    }

    private ValueSchema Step(ValueSchema type, ReferenceExpression reference, int index)
    {
        var accessor = reference.Accessors[index];
        switch (type.Kind)
        {
            case ValueKind.Resource when type.Resource is null:
                return ValueSchema.Any;
            case ValueKind.Resource when accessor.Name is { } name:
                return StepIntoResource(type.Resource, accessor, name);
            case ValueKind.Object when accessor.Name is { } name:
                if (type.Object!.Properties.TryGetValue(name, out var property))
                {
                    accessor.IsDeclared = true;
                    return property.Type;
                }

                _diagnostics.Error(accessor.Position, $"'{Before(reference, index)}' has no property '{name}'", Suggestion.For(name, type.Object.Properties.Keys, "it"));
                return ValueSchema.Any;
            case ValueKind.Map when accessor.Name is not null:
            case ValueKind.List when accessor.Name is null:
                return type.Element!;
            case ValueKind.Union:
                return ValueSchema.Any;
            case ValueKind.List:
                _diagnostics.Error(accessor.Position, $"'{Before(reference, index)}' is a list, and has no property '{accessor.Name}'", $"pick an item: '${{{Before(reference, index)}[0]}}'");
                return ValueSchema.Any;
            default:
                _diagnostics.Error(accessor.Position, $"'{Before(reference, index)}' is {Name(type)}, and has no {(accessor.Name is null ? "items" : $"property '{accessor.Name}'")}");
                return ValueSchema.Any;
        }
    }

    private ValueSchema StepIntoResource(ResourceSchema resource, Accessor accessor, string name)
    {
        // A schema that has an output `id` means the resource's.
        if (name == "urn" || (name == "id" && !resource.IsComponent))
        {
            return ValueSchema.Text;
        }

        if (resource.Outputs.Properties.TryGetValue(name, out var output))
        {
            accessor.IsDeclared = true;
            return output.Type;
        }

        if (name == "id")
        {
            _diagnostics.Error(accessor.Position, $"{PackageSchema.Shorten(resource.Token)} is a component, which has no id", $"use '.urn' or one of its outputs: {string.Join(", ", resource.Outputs.Properties.Keys.Order(StringComparer.Ordinal))}");
        }
        else
        {
            _diagnostics.Error(accessor.Position, $"{PackageSchema.Shorten(resource.Token)} has no output '{name}'", Suggestion.For(name, resource.Outputs.Properties.Keys.Concat(resource.IsComponent ? ["urn"] : ["id", "urn"]), "it"));
        }

        return ValueSchema.Any;
    }

    // The part of a reference that leads to what has the accessor.
    private static string Before(ReferenceExpression reference, int index)
        => reference.Accessors.Take(index).Aggregate(PropertyPath.Root.Property(reference.Name), (path, accessor) => accessor.Behind(path)).ToString();
}
