using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.Image;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImageInputs))]
[JsonSerializable(typeof(ImageOutputs))]
internal sealed partial class ImageJson : JsonSerializerContext;
