namespace Pulumi.Blanket.Agent.Layers;

/// <summary>What a proof gave: for which QEMU, and why KVM does not run guests (null where it does).</summary>
internal sealed record LayerProofRecord(string Subject, string? Fault);
