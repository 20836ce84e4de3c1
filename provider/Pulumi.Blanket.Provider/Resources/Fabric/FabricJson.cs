using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FabricInputs))]
[JsonSerializable(typeof(FabricOutputs))]
internal sealed partial class FabricJson : JsonSerializerContext;
