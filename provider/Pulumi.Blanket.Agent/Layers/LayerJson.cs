using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Agent.Layers;

/// <summary>How a proof's record is read and written.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(LayerProofRecord))]
internal sealed partial class LayerJson : JsonSerializerContext;
