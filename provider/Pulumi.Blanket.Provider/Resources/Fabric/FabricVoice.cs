using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Resources.Host;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

/// <summary>What one host says.</summary>
/// <param name="View">Null where it did not answer.</param>
/// <param name="Silence">Why it did not.</param>
internal sealed record FabricVoice(HostConnection Host, AgentClient Agent, FabricView? View, ProviderException? Silence);
