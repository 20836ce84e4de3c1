using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Errors;

namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>Turns property values into a record and back, as the record's definition says.</summary>
internal sealed class RecordCodec<T>
    where T : class
{
    private readonly JsonTypeInfo<T> _type;
    private readonly JsonTypeInfo<T> _lenient;

    /// <param name="type">From a generated JsonSerializerContext that writes names in camel case and leaves nulls out.</param>
    public RecordCodec(JsonTypeInfo<T> type)
    {
        _type = type;
        Definition = DefinitionReader.Read(type);

        // What is required is Check's business; a record with unknown values has to do without them.
        JsonSerializerOptions options = new(type.Options)
        {
            TypeInfoResolver = (type.OriginatingResolver ?? throw new InvalidOperationException($"{typeof(T).Name} comes from no context")).WithAddedModifier(static info =>
            {
                foreach (var property in info.Properties)
                {
                    property.IsRequired = false;
                }
            }),
        };
        _lenient = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
    }

    public ObjectDefinition Definition { get; }

    /// <summary>Reads a record, with the defaults of what is missing. What is unknown is null, or its type's default.</summary>
    /// <exception cref="ProviderException">A value is of another type than the definition says.</exception>
    public T Decode(ObjectValue value)
    {
        ArrayBufferWriter<byte> buffer = new(256);
        using (Utf8JsonWriter writer = new(buffer))
        {
            JsonValues.Write(writer, Definition.Complete(value));
        }

        try
        {
            return JsonSerializer.Deserialize(buffer.WrittenSpan, _lenient)!;
        }
        catch (JsonException fault)
        {
            // The message of the fault may hold the value, and that a secret; its path does not.
            throw new ProviderException(FailureReason.BadInput, $"the property {fault.Path?.TrimStart('$').TrimStart('.')} is not of the type that {typeof(T).Name} has for it");
        }
    }

    /// <summary>Writes a record, its secret properties wrapped.</summary>
    public ObjectValue Encode(T record)
    {
        using var document = JsonSerializer.SerializeToDocument(record, _type);
        return (ObjectValue)Wrap(JsonValues.ReadObject(document.RootElement), Definition);
    }

    private static PropertyValue Wrap(PropertyValue value, ObjectDefinition definition)
        => value is not ObjectValue given ? value : new ObjectValue(given.Properties.Select(pair => KeyValuePair.Create(
            pair.Key,
            definition.Find(pair.Key) is not { } property ? pair.Value : property.IsSecret ? new SecretValue(pair.Value) : Wrap(pair.Value, property.Value))));

    private static PropertyValue Wrap(PropertyValue value, ValueDefinition definition) => (definition.Shape, value) switch
    {
        (ValueShape.Object, _) => Wrap(value, definition.Object!),
        (ValueShape.List, ArrayValue { Items: var items }) => new ArrayValue([.. items.Select(item => Wrap(item, definition.Element!))]),
        (ValueShape.Map, ObjectValue map) => new ObjectValue(map.Properties.Select(pair => KeyValuePair.Create(pair.Key, Wrap(pair.Value, definition.Element!)))),
        _ => value,
    };
}
