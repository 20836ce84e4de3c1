using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Functions.GetHostFacts;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GetHostFactsArguments))]
[JsonSerializable(typeof(GetHostFactsResult))]
internal sealed partial class GetHostFactsJson : JsonSerializerContext;
