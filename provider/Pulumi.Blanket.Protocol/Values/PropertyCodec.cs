using Google.Protobuf.WellKnownTypes;

namespace Pulumi.Blanket.Protocol.Values;

/// <summary>
/// Reads property values off the wire and writes them. The wire has JSON's kinds of values; what JSON has no form for is a struct with a
/// signature, or a marker in place of a string (<see cref="Signatures"/>, <see cref="UnknownMarkers"/>).
/// </summary>
public static partial class PropertyCodec
{
    /// <summary>
    /// How deep values may be nested, secrets and outputs counted as levels. Protocol buffers refuse messages nested deeper than 100, and
    /// a level of ours takes three of theirs.
    /// </summary>
    public const int MaxDepth = 30;

    /// <summary>Reads a struct as an object; a missing struct is an empty object.</summary>
    /// <exception cref="ProtocolException">A value is nested too deep, or malformed; the message names its path.</exception>
    public static ObjectValue DecodeObject(Struct? wire)
        => wire is null ? ObjectValue.Empty : DecodeFields(wire, PropertyPath.Root, depth: 1);

    /// <summary>Reads one value.</summary>
    /// <exception cref="ProtocolException">The value is nested too deep, or malformed; the message names its path.</exception>
    public static PropertyValue Decode(Value wire) => Decode(wire, PropertyPath.Root, depth: 1);

    private static PropertyValue Decode(Value wire, PropertyPath path, int depth) => wire.KindCase switch
    {
        Value.KindOneofCase.BoolValue => new BoolValue(wire.BoolValue),
        Value.KindOneofCase.NumberValue => new NumberValue(wire.NumberValue),
        Value.KindOneofCase.StringValue => UnknownMarkers.Find(wire.StringValue) is { } kind ? new UnknownValue(kind) : new StringValue(wire.StringValue),
        Value.KindOneofCase.ListValue => new ArrayValue([.. wire.ListValue.Values.Select((item, index) => Decode(item, path.Item(index), Deeper(depth, path)))]),
        Value.KindOneofCase.StructValue => DecodeStruct(wire.StructValue, path, Deeper(depth, path)),
        _ => NullValue.Instance,
    };

    private static ObjectValue DecodeFields(Struct wire, PropertyPath path, int depth)
        => new(wire.Fields.Select(field => KeyValuePair.Create(field.Key, Decode(field.Value, path.Property(field.Key), depth))));

    private static PropertyValue DecodeStruct(Struct wire, PropertyPath path, int depth)
    {
        if (!wire.Fields.TryGetValue(Signatures.Key, out var signature) || signature.KindCase != Value.KindOneofCase.StringValue)
        {
            return DecodeFields(wire, path, depth);
        }

        return signature.StringValue switch
        {
            Signatures.Secret => new SecretValue(Decode(Required(wire, "value", path), path, depth)),
            Signatures.Output => DecodeOutput(wire, path, depth),
            Signatures.ResourceReference => new ResourceReferenceValue(
                Text(wire, "urn") ?? throw Malformed(path, "a resource reference without a urn"),
                wire.Fields.TryGetValue("id", out var id) ? Decode(id, path.Property("id"), depth) : null,
                Text(wire, "packageVersion") ?? ""),
            Signatures.Asset => new AssetValue(Text(wire, "text"), Text(wire, "path"), Text(wire, "uri"), Text(wire, "hash") ?? ""),
            Signatures.Archive => new ArchiveValue(
                wire.Fields.TryGetValue("assets", out var assets) && assets.KindCase == Value.KindOneofCase.StructValue ? DecodeFields(assets.StructValue, path, Deeper(depth, path)).Properties : null,
                Text(wire, "path"), Text(wire, "uri"), Text(wire, "hash") ?? ""),
            Signatures.ByteString => DecodeByteString(wire, path),
            var other => throw Malformed(path, $"a struct with the unknown signature {other}"),
        };
    }

    private static OutputValue DecodeOutput(Struct wire, PropertyPath path, int depth)
        => new(
            wire.Fields.TryGetValue("value", out var inner) ? Decode(inner, path, depth) : null,
            wire.Fields.TryGetValue("secret", out var secret) && secret is { KindCase: Value.KindOneofCase.BoolValue, BoolValue: true },
            wire.Fields.TryGetValue("dependencies", out var list) && list.KindCase == Value.KindOneofCase.ListValue ? [.. list.ListValue.Values.Select(item => item.StringValue)] : []);

    private static ByteStringValue DecodeByteString(Struct wire, PropertyPath path)
    {
        try
        {
            return new ByteStringValue([.. Convert.FromBase64String(Required(wire, "value", path).StringValue)]);
        }
        catch (FormatException)
        {
            throw Malformed(path, "a byte string that is not base64");
        }
    }

    private static Value Required(Struct wire, string field, PropertyPath path)
        => wire.Fields.TryGetValue(field, out var value) ? value : throw Malformed(path, $"a signed struct without '{field}'");

    private static string? Text(Struct wire, string field)
        => wire.Fields.TryGetValue(field, out var value) && value.KindCase == Value.KindOneofCase.StringValue ? value.StringValue : null;

    private static int Deeper(int depth, PropertyPath path)
        => depth < MaxDepth
            ? depth + 1
            : throw new ProtocolException(ProtocolFailure.TooDeep, $"the property {path} is nested deeper than {MaxDepth} levels; flatten it, or pass it as JSON text");

    private static ProtocolException Malformed(PropertyPath path, string what) => new(ProtocolFailure.MalformedValue, $"the property {path} is {what}");
}
