using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VolumeInputs))]
[JsonSerializable(typeof(VolumeOutputs))]
internal sealed partial class VolumeJson : JsonSerializerContext;
