using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Agent.Timing;

/// <summary>How the file of time-outs is read.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AgentTimeouts))]
internal sealed partial class TimeoutsJson : JsonSerializerContext;
