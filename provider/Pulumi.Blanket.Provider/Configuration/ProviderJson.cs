using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Configuration;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProviderSettings))]
internal sealed partial class ProviderJson : JsonSerializerContext;
