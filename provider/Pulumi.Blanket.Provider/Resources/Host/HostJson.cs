using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.Host;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HostInputs))]
[JsonSerializable(typeof(HostOutputs))]
internal sealed partial class HostJson : JsonSerializerContext;
