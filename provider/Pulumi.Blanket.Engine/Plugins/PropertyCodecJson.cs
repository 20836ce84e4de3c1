using System.Text.Json;
using Google.Protobuf;
using Pulumi.Blanket.Protocol;

namespace Pulumi.Blanket.Engine;

/// <summary>Writes values that JSON has no form for as they stand on the wire.</summary>
internal static class PropertyCodecJson
{
    public static void Write(Utf8JsonWriter json, PropertyValue value)
        => json.WriteRawValue(JsonFormatter.Default.Format(PropertyCodec.Encode(value)));
}
