using System.Text.Json;
using System.Text.Json.Serialization;
using Pulumi.Blanket.Lab.Guests;
using Pulumi.Blanket.Lab.Network;

namespace Pulumi.Blanket.Lab;

/// <summary>What the lab reads and writes as JSON.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(LabRecord))]
[JsonSerializable(typeof(WanState))]
[JsonSerializable(typeof(GuestStatus))]
internal sealed partial class LabJson : JsonSerializerContext;
