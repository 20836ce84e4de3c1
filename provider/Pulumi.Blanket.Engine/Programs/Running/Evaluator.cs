using System.Collections.Immutable;
using System.Text;
using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.Programs.Checking;
using Pulumi.Blanket.Engine.Programs.Documents;
using Pulumi.Blanket.Engine.Programs.Expressions;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Running;

/// <summary>
/// Finds the values of expressions from what the steps before gave. It waits for nothing: calls of providers' functions are steps of
/// their own. Dependencies are gathered beside the value.
/// </summary>
internal sealed partial class Evaluator(ProgramContext context, Dictionary<ConfigDeclaration, PropertyValue> config, int steps)
{
    private readonly object?[] _results = new object?[steps];
    private readonly Dictionary<string, RegisteredResource> _resources = new(StringComparer.Ordinal);

    /// <summary>Keeps what a variable or a call gave.</summary>
    public void Keep(int step, Evaluated result) => _results[step] = result;

    /// <summary>Keeps a resource that is there.</summary>
    public void Keep(int step, RegisteredResource resource)
    {
        _results[step] = resource;
        _resources[resource.Urn] = resource;
    }

    /// <summary>True when the resource is not there yet: its id is not known.</summary>
    public bool IsPending(string urn) => _resources.GetValueOrDefault(urn) is { Id: { ContainsUnknown: true } };

    public Evaluated Evaluate(Expression expression)
    {
        HashSet<string> dependencies = new(StringComparer.Ordinal);
        var value = Evaluate(expression, dependencies);
        return new Evaluated(value, dependencies.Count == 0 ? [] : [.. dependencies.Order(StringComparer.Ordinal)]);
    }

    /// <exception cref="EvaluationException">There is no such value.</exception>
    public PropertyValue Evaluate(Expression expression, HashSet<string> dependencies)
    {
        var value = expression switch
        {
            LiteralExpression literal => literal.AsText ? new StringValue(literal.Text) : literal.Value,
            TextExpression text => EvaluateText(text, dependencies),
            ReferenceExpression reference => EvaluateReference(reference, dependencies),
            ListExpression list => new ArrayValue(ImmutableArray.CreateRange(list.Items, item => Evaluate(item, dependencies))),
            MapExpression map => EvaluateMap(map, dependencies),
            FunctionExpression function => EvaluateFunction(function, dependencies),
            InvokeExpression call => Take((Evaluated)_results[call.Step]!, dependencies),
            _ => NullValue.Instance,
        };
        return expression.AsText ? ToText(value) : value;
    }

    private static PropertyValue ToText(PropertyValue value) => value switch
    {
        NumberValue number => NumberText.Of(number.Number),
        BoolValue truth => truth.Truth ? "true" : "false",
        SecretValue secret => new SecretValue(ToText(secret.Inner)),
        _ => value,
    };

    private static PropertyValue Take(Evaluated result, HashSet<string> dependencies)
    {
        dependencies.UnionWith(result.Dependencies);
        return result.Value;
    }

    // With a name that is secret, or not known yet, the whole is.
    private PropertyValue EvaluateMap(MapExpression map, HashSet<string> dependencies)
    {
        var properties = ImmutableSortedDictionary.CreateBuilder<string, PropertyValue>(StringComparer.Ordinal);
        var (isKnown, isSecret) = (true, false);
        foreach (var entry in map.Entries)
        {
            var name = entry.Name;
            if (entry.Key is { } key)
            {
                var computed = Evaluate(key, dependencies);
                isSecret |= computed.ContainsSecret;
                switch (ToText(computed.Bare))
                {
                    case StringValue text:
                        name = text.Text;
                        break;
                    case UnknownValue:
                        isKnown = false;
                        break;
                    case var other:
                        throw new EvaluationException(entry.Position, $"the name '{entry.Name}' is {Name(other)}, and names are text");
                }
            }

            properties[name] = Evaluate(entry.Value, dependencies);
        }

        PropertyValue whole = isKnown ? new ObjectValue(properties.ToImmutable()) : UnknownValue.Text;
        return isSecret ? PlainValue.Secret(whole) : whole;
    }

    private PropertyValue EvaluateText(TextExpression expression, HashSet<string> dependencies)
    {
        StringBuilder text = new();
        var isKnown = true;
        var isSecret = false;
        foreach (var part in expression.Parts)
        {
            var value = Evaluate(part, dependencies);
            isSecret |= value.ContainsSecret;
            switch (value.Bare)
            {
                case UnknownValue:
                    isKnown = false;
                    break;
                case StringValue or NumberValue or BoolValue:
                    text.Append(((StringValue)ToText(value.Bare)).Text);
                    break;
                case var other:
                    var reference = part as ReferenceExpression;
                    throw new EvaluationException(part.Position, $"'${{{reference?.Text}}}' is {Name(other)}, which can't stand inside of a text",
                        other is NullValue ? "it has no value; give it a default, or leave the whole out" : "use fn::toJSON");
            }
        }

        return !isKnown ? UnknownValue.Text : isSecret ? new SecretValue(text.ToString()) : text.ToString();
    }

    private PropertyValue EvaluateReference(ReferenceExpression reference, HashSet<string> dependencies)
    {
        if (reference.Target is null)
        {
            return EvaluateOwn(reference.Accessors[0].Name);
        }

        PropertyValue value;
        switch (reference.Target)
        {
            case ConfigDeclaration declaration:
                value = config[declaration];
                break;
            case ResourceDeclaration resource:
                var registered = (RegisteredResource)_results[resource.Step]!;
                dependencies.Add(registered.Urn);
                value = new ResourceReferenceValue(registered.Urn, registered.Id, "");
                break;
            default:
                value = Take((Evaluated)_results[reference.Target.Step]!, dependencies);
                break;
        }

        for (var index = 0; index < reference.Accessors.Length; index++)
        {
            value = Access(value, reference, index, dependencies);
        }

        return value;
    }

    private string EvaluateOwn(string? name) => name switch
    {
        "project" => context.Project,
        "stack" => context.Stack,
        "organization" => context.Organization,
        "cwd" => context.WorkingDirectory,
        _ => context.RootDirectory,
    };

    private PropertyValue Access(PropertyValue value, ReferenceExpression reference, int index, HashSet<string> dependencies)
    {
        var accessor = reference.Accessors[index];
        switch (value)
        {
            case SecretValue secret:
                return PlainValue.Secret(Access(secret.Inner, reference, index, dependencies));
            case UnknownValue:
                return UnknownValue.Text;
            case ResourceReferenceValue resource when accessor.Name is { } name:
                return AccessResource(resource, name, reference, index, dependencies);
            case ObjectValue properties when accessor.Name is { } name:
                return properties[name] ?? (accessor.IsDeclared ? NullValue.Instance
                    : throw Missing(reference, index, $"has no property '{name}'", Suggestion.For(name, properties.Properties.Keys, "it")));
            case ArrayValue array when accessor.Name is null:
                return accessor.Index < array.Items.Length ? array.Items[accessor.Index]
                    : throw Missing(reference, index, $"has {(array.Items.Length == 1 ? "1 item" : $"{array.Items.Length} items")}, and no [{accessor.Index}]", array.Items.Length > 0 ? "items are counted from 0" : null);
            default:
                throw Missing(reference, index, $"is {Name(value)}, and has no {(accessor.Name is null ? "items" : $"property '{accessor.Name}'")}", null);
        }
    }

    private PropertyValue AccessResource(ResourceReferenceValue resource, string name, ReferenceExpression reference, int index, HashSet<string> dependencies)
    {
        if (name == "urn")
        {
            return resource.Urn;
        }

        if (name == "id" && resource.Id is { } id)
        {
            return id;
        }

        if (_resources.GetValueOrDefault(resource.Urn) is not { } registered)
        {
            throw Missing(reference, index, $"is a resource that this program has not made, of which only its id and its URN are known", null);
        }

        dependencies.Add(registered.Urn);
        if (registered.Dependencies is { } more && more.TryGetValue(name, out var urns))
        {
            dependencies.UnionWith(urns);
        }

        if (registered.Outputs.TryGet(name, out var output))
        {
            return output;
        }

        // With chosen targets an update, too, may leave resources that are not there yet.
        return context.IsPreview || registered.Id is UnknownValue ? UnknownValue.Text : reference.Accessors[index].IsDeclared ? NullValue.Instance
            : throw Missing(reference, index, $"has no output '{name}'", Suggestion.For(name, registered.Outputs.Properties.Keys, "it"));
    }

    private static EvaluationException Missing(ReferenceExpression reference, int index, string problem, string? hint)
    {
        var path = reference.Accessors.Take(index).Aggregate(PropertyPath.Root.Property(reference.Name), (path, accessor) => accessor.Behind(path));
        return new EvaluationException(reference.Accessors[index].Position, $"'{path}' {problem}", hint);
    }

    private static string Name(PropertyValue value) => value switch
    {
        NullValue => "null",
        BoolValue => "true or false",
        NumberValue => "a number",
        StringValue => "text",
        ArrayValue => "a list",
        ObjectValue => "a map",
        AssetValue => "an asset",
        ArchiveValue => "an archive",
        ResourceReferenceValue => "a whole resource",
        SecretValue => "a secret",
        _ => "something else",
    };
}
