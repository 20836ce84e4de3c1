using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Layers;

/// <summary>What a proof gave.</summary>
/// <param name="Subject">For which test guest and which QEMU.</param>
/// <param name="Outcome">Whether KVM runs guests.</param>
/// <param name="Fault">Why it is not proven; null where it is.</param>
/// <param name="EndedMs">When, in milliseconds since the machine booted.</param>
internal sealed record LayerProofRecord(string Subject, KvmProof Outcome, string? Fault, long EndedMs);
