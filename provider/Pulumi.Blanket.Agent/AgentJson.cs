using System.Text.Json.Serialization;
using Pulumi.Blanket.Agent.Layers;
using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent;

/// <summary>How the agent's own files are read and written.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(LayerProofRecord))]
[JsonSerializable(typeof(AgentTimeouts))]
internal sealed partial class AgentJson : JsonSerializerContext;
