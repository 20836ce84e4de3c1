using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.Volume;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VolumeInputs))]
[JsonSerializable(typeof(VolumeOutputs))]
internal sealed partial class VolumeJson : JsonSerializerContext;
