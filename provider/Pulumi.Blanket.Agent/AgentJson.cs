using System.Text.Json.Serialization;
using Pulumi.Blanket.Agent.Layers;

namespace Pulumi.Blanket.Agent;

/// <summary>How the agent's own files are read and written.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(LayerProofRecord))]
internal sealed partial class AgentJson : JsonSerializerContext;
