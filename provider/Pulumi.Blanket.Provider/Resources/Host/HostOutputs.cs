using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;

namespace Pulumi.Blanket.Provider.Resources.Host;

internal sealed record HostOutputs
{
    [Description("Who the host is and how it is reached: what `hosts` of a fabric takes.")]
    [Secret]
    public required HostConnection Connection { get; init; }

    [Description("The hypervisor that the host settled on: `kvm` or `qemu`.")]
    public required string ActiveLayer { get; init; }

    [Description("How sure it is that KVM runs guests on the host: `proved`, `runs no guest: …`, or `could not be proved: …`, with the reason. What is not proved is tried again by every update of the host.")]
    public string? Kvm { get; init; }

    [Description("Whether the processor has hardware virtualisation (`vmx` or `svm`), or `/dev/kvm` is there. Where it is so and `activeLayer` is `qemu`, every preview and update warns, until that is accepted by `layer: qemu`.")]
    public bool? KvmExpected { get; init; }

    [Description("QEMU's version.")]
    public required string HypervisorVersion { get; init; }

    [Description("What the host has for VMs, within its `limit`.")]
    public required HostCapacity Capacity { get; init; }

    [Description("The processor.")]
    public required HostCpu Cpu { get; init; }

    [Description("The machine's architecture, such as `x86_64`.")]
    public required string Architecture { get; init; }

    [Description("Modes of moving that the host can take part in (`live`, `suspend`, `cold`), and accelerators (`kvm`, `tcg`).")]
    public required IReadOnlyList<string> Capabilities { get; init; }

    [Description("The public key that the host proves itself with.")]
    public required string PinnedHostKey { get; init; }

    [Description("Whether the host answered when it was last looked at. Where it did not, the other outputs are from the last time that it did.")]
    public required bool Reachable { get; init; }

    [Description("The version of the agent on the host; empty where the adoption is not complete, which the next update makes up for.")]
    public required string AgentVersion { get; init; }
}
