using System.Buffers;
using System.Text;
using System.Text.Json;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>A value as the JSON that it looks like, secrets opened.</summary>
internal static class PlainJson
{
    public static string Write(PropertyValue value)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, CheckpointFormat.Compact))
        {
            new StateValueWriter(json, (_, _) => { }).Write(Secrets.Open(value));
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
