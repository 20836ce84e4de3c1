using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Protocol.Tests;

/// <summary>
/// The contract against what the real engine said to a provider (the recordings of the engine's tests): every message is known field by field, and
/// every value in it survives reading and writing.
/// </summary>
public sealed class RecordingTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Recordings");

    [Fact]
    public void Every_recorded_message_and_value_is_known()
    {
        var methods = ProviderReflection.Descriptor.Services.Concat(ResourceReflection.Descriptor.Services).SelectMany(service => service.Methods)
            .ToDictionary(method => $"/{method.Service.FullName}/{method.Name}");
        var parser = new JsonParser(JsonParser.Settings.Default.WithIgnoreUnknownFields(false));
        var messages = 0;
        foreach (var file in Directory.GetFiles(Folder, "*.json"))
        {
            using var recording = JsonDocument.Parse(File.ReadAllText(file));
            foreach (var call in recording.RootElement.GetProperty("steps").EnumerateArray().Where(step => step.TryGetProperty("calls", out _)).SelectMany(step => step.GetProperty("calls").EnumerateArray()))
            {
                var method = methods[call.GetProperty("method").GetString()!];
                foreach (var (name, type) in ((string, MessageDescriptor)[])[("request", method.InputType), ("response", method.OutputType)])
                {
                    if (call.TryGetProperty(name, out var json) && json.ValueKind == JsonValueKind.Object)
                    {
                        // Stands for 32 random bytes, which base64 has to look like.
                        var message = parser.Parse(json.GetRawText().Replace("\"$RANDOM\"", "\"AAAA\"", StringComparison.Ordinal), type);
                        AssertValuesSurvive(message);
                        messages++;
                    }
                }
            }
        }

        Assert.True(messages > 500, $"only {messages} messages in {Folder}");
    }

    private static void AssertValuesSurvive(IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder().Where(field => field.FieldType == FieldType.Message && !field.IsMap && !field.IsRepeated))
        {
            if (field.Accessor.GetValue(message) is Struct wire)
            {
                Assert.Equal(wire, PropertyCodec.EncodeObject(PropertyCodec.DecodeObject(wire)));
            }
        }
    }
}
