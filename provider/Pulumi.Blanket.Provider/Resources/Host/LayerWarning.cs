namespace Pulumi.Blanket.Provider.Resources.Host;

/// <summary>A host that could be expected to run KVM and does not. Pure, since a diff asks it.</summary>
internal static class LayerWarning
{
    private const string Accept = "or accept it by `layer: qemu`, which ends this warning";

    /// <returns>Null where there is nothing to warn of: KVM is used, the machine has no hardware for it, or the program says <c>layer: qemu</c>.</returns>
    public static string? Of(string name, HostLayer wanted, HostOutputs host)
    {
        if (wanted != HostLayer.Auto || host.ActiveLayer != "qemu" || host.KvmExpected != true || host.Kvm is not { } kvm)
        {
            return null;
        }

        var what = $"host {name} runs its VMs under software emulation (layer qemu), many times slower than under KVM";
        return kvm == "proved"
            ? $"{what}, though KVM runs guests on it: that was not so when it was adopted, and the VMs of its fabric count on its layer. Take it out of the fabric's `hosts` and change something on it, such as a label, in one update, and put it back in the next, {Accept}"
            : $"{what}, though the machine has hardware virtualisation: KVM {kvm}. "
                + (kvm.StartsWith("could not", StringComparison.Ordinal)
                    ? $"Update it again when the machine is less busy (as by a changed label), {Accept}"
                    : $"Enable nested virtualisation on the machine and change something on the host, such as a label, or rent a machine that has it, {Accept}");
    }
}
