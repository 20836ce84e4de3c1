using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>Reads definitions off records, by the metadata that System.Text.Json generates for them at compile time.</summary>
/// <remarks>
/// A property is <c>required</c>, or nullable, or has a <see cref="DefaultValueAttribute"/>; each has a <see cref="DescriptionAttribute"/>. Types: string, bool, int,
/// long, double, enums written as texts, records, lists, maps from string, and <see cref="JsonElement"/> for anything.
/// </remarks>
internal sealed class DefinitionReader
{
    private readonly Dictionary<Type, ObjectDefinition> _objects = [];
    private readonly Dictionary<Type, EnumDefinition> _enums = [];

    /// <exception cref="InvalidOperationException">The record is not as a definition has to be: a mistake in the provider's code.</exception>
    public static ObjectDefinition Read(JsonTypeInfo type) => new DefinitionReader().ReadObject(type);

    private ObjectDefinition ReadObject(JsonTypeInfo type)
    {
        if (_objects.TryGetValue(type.Type, out var known))
        {
            return known;
        }

        ObjectDefinition definition = new(type.Type.Name, type.Type.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "");
        definition.IsOpaque = type.Type.GetCustomAttribute<OpaqueAttribute>() is not null;
        _objects.Add(type.Type, definition);
        definition.Properties = [.. type.Properties.Select(property => ReadProperty(type, property))];
        return definition;
    }

    private PropertyDefinition ReadProperty(JsonTypeInfo owner, JsonPropertyInfo property)
    {
        var attributes = property.AttributeProvider?.GetCustomAttributes(inherit: true) ?? [];
        T? Attribute<T>() where T : Attribute => attributes.OfType<T>().FirstOrDefault();
        InvalidOperationException Mistake(string what) => new($"the definition {owner.Type.Name}.{property.Name} {what}");

        var value = ReadValue(owner, property, property.PropertyType);
        var byDefault = Attribute<DefaultValueAttribute>()?.Value switch
        {
            null => null,
            string text => new StringValue(text),
            bool truth => new BoolValue(truth),
            int number => new NumberValue(number),
            long number => new NumberValue(number),
            double number => new NumberValue(number),
            Enum choice => (PropertyValue)new StringValue(TextOf(choice, owner.Options.GetTypeInfo(choice.GetType()))),
            _ => throw Mistake("has a default of a type that no property can have"),
        };
        var isNullable = Nullable.GetUnderlyingType(property.PropertyType) is not null || (!property.PropertyType.IsValueType && property.IsGetNullable);
        var autoName = Attribute<AutoNameAttribute>();
        if (!property.IsRequired && !isNullable && byDefault is null)
        {
            throw Mistake("is neither required, nor nullable, nor has it a default");
        }

        return new PropertyDefinition
        {
            Name = property.Name,
            Description = Attribute<DescriptionAttribute>()?.Description ?? throw Mistake("has no description"),
            Value = value,
            IsRequired = property.IsRequired,
            IsSecret = Attribute<SecretAttribute>() is not null,
            IsStable = Attribute<StableAttribute>() is not null,
            Default = byDefault,
            Replaces = Attribute<ReplacesAttribute>(),
            AutoName = autoName,
            Rules = [.. attributes.OfType<RuleAttribute>()],
        };
    }

    private ValueDefinition ReadValue(JsonTypeInfo owner, JsonPropertyInfo property, Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        var info = owner.Options.GetTypeInfo(type);
        return info.Kind switch
        {
            JsonTypeInfoKind.Object => new(ValueShape.Object, Object: ReadObject(info)),
            JsonTypeInfoKind.Enumerable => new(ValueShape.List, Element: ReadValue(owner, property, info.ElementType!)),
            JsonTypeInfoKind.Dictionary => new(ValueShape.Map, Element: ReadValue(owner, property, info.ElementType!)),
            _ when type == typeof(string) => new(ValueShape.Text),
            _ when type == typeof(bool) => new(ValueShape.Boolean),
            _ when type == typeof(int) || type == typeof(long) => new(ValueShape.Integer),
            _ when type == typeof(double) => new(ValueShape.Number),
            _ when type == typeof(JsonElement) => new(ValueShape.Any),
            _ when type.IsEnum => new(ValueShape.Enumeration, Enumeration: ReadEnum(info)),
            _ => throw new InvalidOperationException($"the definition {owner.Type.Name}.{property.Name} is of the type {type.Name}, which no property can have"),
        };
    }

    private EnumDefinition ReadEnum(JsonTypeInfo info)
    {
        if (!_enums.TryGetValue(info.Type, out var definition))
        {
            List<EnumValueDefinition> values = [];
            foreach (var number in Enum.GetValuesAsUnderlyingType(info.Type))
            {
                var choice = (Enum)Enum.ToObject(info.Type, number);
                values.Add(new(choice.ToString(), TextOf(choice, info), DescriptionOf(info.Type, choice.ToString())));
            }

            definition = new EnumDefinition(info.Type.Name, info.Type.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "", values);
            _enums.Add(info.Type, definition);
        }

        return definition;
    }

    private static string TextOf(Enum choice, JsonTypeInfo info)
        => JsonSerializer.SerializeToNode(choice, info) is JsonValue value && value.TryGetValue<string>(out var text)
            ? text
            : throw new InvalidOperationException($"the enum {info.Type.Name} is not written as texts");

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "The fields of an enum that is used are always kept; without them only descriptions were missing, which a test of the compiled plugin would notice.")]
    private static string DescriptionOf(Type type, string field) => type.GetField(field)?.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "";
}
