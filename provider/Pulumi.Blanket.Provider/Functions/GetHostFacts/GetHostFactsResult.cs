using System.ComponentModel;
using Pulumi.Blanket.Provider.Resources.Host;

namespace Pulumi.Blanket.Provider.Functions.GetHostFacts;

internal sealed record GetHostFactsResult
{
    [Description("The machine's own id: what a `Host` for it has as its id.")]
    public required string MachineId { get; init; }

    [Description("What the machine calls itself.")]
    public required string Hostname { get; init; }

    [Description("Its architecture, such as `x86_64`.")]
    public required string Architecture { get; init; }

    [Description("Its operating system, such as `Debian GNU/Linux 12 (bookworm)`.")]
    public required string OperatingSystem { get; init; }

    [Description("The best layer that it has: `kvm` where KVM ran a test guest, else `qemu`.")]
    public required string BestLayer { get; init; }

    [Description("Why `kvm` is not it, or could not be proved within 10 seconds; empty where it is.")]
    public required string KvmFault { get; init; }

    [Description("QEMU's version; empty where it is not installed.")]
    public required string HypervisorVersion { get; init; }

    [Description("What it has.")]
    public required HostCapacity Capacity { get; init; }

    [Description("The processor.")]
    public required HostCpu Cpu { get; init; }

    [Description("Modes of moving that it can take part in, and accelerators; empty while libvirt is not installed.")]
    public required IReadOnlyList<string> Capabilities { get; init; }

    [Description("Packages that adopting it would install.")]
    public required IReadOnlyList<string> MissingPackages { get; init; }

    [Description("Whether it is a blanket host already.")]
    public required bool Adopted { get; init; }

    [Description("The fabric that it is a member of; empty where it is in none.")]
    public required string FabricId { get; init; }

    [Description("The public key that it proves itself with, as `hostKey` of a `Host` takes it.")]
    public required string HostKey { get; init; }
}
