using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Layers;

/// <summary>Which layer a host gets, from what is known of it. Pure.</summary>
internal static class LayerChoice
{
    /// <summary>The best layer that was proven. A host that was adopted with KVM keeps it while a later proof says nothing.</summary>
    public static Layer Best(KvmProof kvm, Layer active) => kvm switch
    {
        KvmProof.Proven => Layer.Kvm,
        KvmProof.Unproven when active == Layer.Kvm => Layer.Kvm,
        _ => Layer.Qemu,
    };

    /// <param name="wanted">What the settings say; unspecified: the best one.</param>
    /// <param name="fault">Why KVM is not proven.</param>
    /// <param name="active">What the host has had so far; unspecified where it is new.</param>
    /// <param name="fabric">Name of the fabric that the host is in, whose VMs count on its layer; null for none.</param>
    /// <exception cref="AgentException">The host can't have the wanted layer.</exception>
    public static Layer Choose(Layer wanted, KvmProof kvm, string fault, Layer active, string? fabric)
    {
        var best = Best(kvm, active);
        if (wanted == Layer.Kvm && best != Layer.Kvm)
        {
            throw kvm == KvmProof.Unproven
                ? new AgentException(AgentFault.NotPossible,
                    $"layer 'kvm' was asked for, but whether KVM runs guests on this machine could not be proved: {fault}. Run it again when the machine is less busy, or use 'auto' or 'qemu' (slower, runs anywhere)")
                : new AgentException(AgentFault.NotPossible,
                    $"layer 'kvm' was asked for, but KVM runs no guest on this machine: {fault}. Rent a machine with nested virtualisation, or use 'auto' or 'qemu' (slower, runs anywhere)");
        }

        var layer = wanted == Layer.Unspecified ? best : wanted;
        if (fabric is null || active == Layer.Unspecified || layer == active)
        {
            return layer;
        }

        // KVM that was found after the host joined is no reason to fail: its VMs go on as they are.
        return wanted == Layer.Unspecified && kvm == KvmProof.Proven
            ? active
            : throw new AgentException(AgentFault.NotPossible,
                $"the layer can't change from {active.ToName()} to {layer.ToName()} while the host is in the fabric {fabric}, whose VMs count on it; take it out of the fabric first{(wanted == Layer.Unspecified ? $". KVM runs no guest on this machine any more: {fault}" : "")}");
    }
}
