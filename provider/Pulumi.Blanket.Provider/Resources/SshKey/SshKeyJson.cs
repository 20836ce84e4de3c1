using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.SshKey;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SshKeyInputs))]
[JsonSerializable(typeof(SshKeyOutputs))]
internal sealed partial class SshKeyJson : JsonSerializerContext;
