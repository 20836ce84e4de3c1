using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VirtualMachineInputs))]
[JsonSerializable(typeof(VirtualMachineOutputs))]
internal sealed partial class VirtualMachineJson : JsonSerializerContext;
