using Google.Protobuf.WellKnownTypes;

namespace Pulumi.Blanket.Protocol.Values;

public static partial class PropertyCodec
{
    /// <summary>Writes an object as a struct.</summary>
    public static Struct EncodeObject(ObjectValue value)
    {
        Struct wire = new();
        foreach (var (name, property) in value.Properties)
        {
            wire.Fields.Add(name, Encode(property));
        }

        return wire;
    }

    /// <summary>Writes one value.</summary>
    public static Value Encode(PropertyValue value) => value switch
    {
        NullValue => Value.ForNull(),
        BoolValue truth => Value.ForBool(truth.Truth),
        NumberValue number => Value.ForNumber(number.Number),
        StringValue text => Value.ForString(text.Text),
        UnknownValue unknown => Value.ForString(UnknownMarkers.Of(unknown.Kind)),
        ArrayValue array => List(array.Items.Select(Encode)),
        ObjectValue properties => Value.ForStruct(EncodeObject(properties)),
        SecretValue secret => Signed(Signatures.Secret, ("value", Encode(secret.Inner))),
        OutputValue output => Signed(Signatures.Output,
            ("value", output.Inner is null ? null : Encode(output.Inner)),
            ("secret", output.IsSecret ? Value.ForBool(true) : null),
            ("dependencies", output.Dependencies.IsEmpty ? null : List(output.Dependencies.Select(Value.ForString)))),
        ResourceReferenceValue reference => Signed(Signatures.ResourceReference,
            ("urn", Value.ForString(reference.Urn)),
            ("id", reference.Id is null ? null : Encode(reference.Id)),
            ("packageVersion", TextOrNothing(reference.PackageVersion))),
        AssetValue asset => Signed(Signatures.Asset,
            ("text", asset.Text is null ? null : Value.ForString(asset.Text)), ("path", PathOrUri(asset.Path)), ("uri", PathOrUri(asset.Uri)), ("hash", TextOrNothing(asset.Hash))),
        ArchiveValue archive => Signed(Signatures.Archive,
            ("assets", archive.Assets is null ? null : Value.ForStruct(EncodeObject(new ObjectValue(archive.Assets)))),
            ("path", PathOrUri(archive.Path)), ("uri", PathOrUri(archive.Uri)), ("hash", TextOrNothing(archive.Hash))),
        ByteStringValue bytes => Signed(Signatures.ByteString, ("value", Value.ForString(Convert.ToBase64String(bytes.Bytes.AsSpan())))),
        _ => throw new InvalidOperationException($"a property value of type {value.GetType()} has no form on the wire"),
    };

    private static Value Signed(string signature, params ReadOnlySpan<(string Name, Value? Value)> fields)
    {
        Struct wire = new() { Fields = { [Signatures.Key] = Value.ForString(signature) } };
        foreach (var (name, value) in fields)
        {
            if (value is not null)
            {
                wire.Fields.Add(name, value);
            }
        }

        return Value.ForStruct(wire);
    }

    // Value.ForList copies into an array first; an iterator goes in as it is.
    private static Value List(IEnumerable<Value> items)
    {
        ListValue list = new();
        list.Values.AddRange(items);
        return new Value { ListValue = list };
    }

    private static Value? TextOrNothing(string text) => text.Length == 0 ? null : Value.ForString(text);

    private static Value? PathOrUri(string? text) => text is null ? null : Value.ForString(text);
}
