using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs.Running;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Schemas;

/// <summary>The type of a value.</summary>
internal sealed class ValueSchema
{
    public static ValueSchema Any { get; } = new() { Kind = ValueKind.Any };

    public static ValueSchema Null { get; } = new() { Kind = ValueKind.Null };

    public static ValueSchema Text { get; } = new() { Kind = ValueKind.Text };

    public static ValueSchema Integer { get; } = new() { Kind = ValueKind.Integer };

    public static ValueSchema Number { get; } = new() { Kind = ValueKind.Number };

    public static ValueSchema Boolean { get; } = new() { Kind = ValueKind.Boolean };

    public static ValueSchema Asset { get; } = new() { Kind = ValueKind.Asset };

    public static ValueSchema Archive { get; } = new() { Kind = ValueKind.Archive };

    public required ValueKind Kind { get; init; }

    /// <summary>Of lists and maps.</summary>
    public ValueSchema? Element { get; init; }

    /// <summary>Of objects: the named properties.</summary>
    public ObjectSchema? Object { get; init; }

    /// <summary>Of unions.</summary>
    public ImmutableArray<ValueSchema> Alternatives { get; init; } = [];

    /// <summary>The only values there are; empty where all are allowed.</summary>
    public ImmutableArray<PropertyValue> Values { get; init; } = [];

    /// <summary>Of resources: which; null for any.</summary>
    public ResourceSchema? Resource { get; init; }

    /// <summary>To follow "must be".</summary>
    public string Description => Kind switch
    {
        _ when !Values.IsEmpty => $"one of {string.Join(", ", Values.Select(Show))}",
        ValueKind.Null => "nothing",
        ValueKind.Text => "text",
        ValueKind.Integer => "a whole number",
        ValueKind.Number => "a number",
        ValueKind.Boolean => "true or false",
        ValueKind.List when Element is { Kind: not ValueKind.Any } element => $"a list, each item {element.Description}",
        ValueKind.List => "a list",
        ValueKind.Map when Element is { Kind: not ValueKind.Any } element => $"a map, each value {element.Description}",
        ValueKind.Map => "a map",
        ValueKind.Object => $"a map with the properties of {PackageSchema.Shorten(Object!.Name)}",
        ValueKind.Union => string.Join(", or ", Alternatives.Select(alternative => alternative.Description).Distinct()),
        ValueKind.Asset => "an asset or archive",
        ValueKind.Archive => "an archive",
        ValueKind.Resource => Resource is null ? "a resource" : $"a resource of type {PackageSchema.Shorten(Resource.Token)}",
        _ => "any value",
    };

    public static ValueSchema ListOf(ValueSchema element) => new() { Kind = ValueKind.List, Element = element };

    public static ValueSchema MapOf(ValueSchema element) => new() { Kind = ValueKind.Map, Element = element };

    private static string Show(PropertyValue value) => value switch
    {
        StringValue text => $"'{text.Text}'",
        NumberValue number => NumberText.Of(number.Number),
        BoolValue truth => truth.Truth ? "true" : "false",
        _ => "another value",
    };
}
