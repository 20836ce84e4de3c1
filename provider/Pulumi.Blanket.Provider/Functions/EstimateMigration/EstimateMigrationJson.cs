using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Functions.EstimateMigration;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EstimateMigrationArguments))]
[JsonSerializable(typeof(EstimateMigrationResult))]
internal sealed partial class EstimateMigrationJson : JsonSerializerContext;
