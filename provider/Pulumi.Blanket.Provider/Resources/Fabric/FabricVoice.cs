using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Provider;

/// <summary>What one host says.</summary>
/// <param name="View">Null where it did not answer.</param>
/// <param name="Silence">Why it did not.</param>
internal sealed record FabricVoice(HostConnection Host, AgentClient Agent, FabricView? View, ProviderException? Silence);
