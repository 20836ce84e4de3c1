using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.Network;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NetworkInputs))]
[JsonSerializable(typeof(NetworkOutputs))]
internal sealed partial class NetworkJson : JsonSerializerContext;
