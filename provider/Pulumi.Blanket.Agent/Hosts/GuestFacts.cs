namespace Pulumi.Blanket.Agent.Hosts;

/// <summary>What guests can have on this host, as libvirt says.</summary>
/// <param name="Subject">What it was asked about: it holds for this libvirt, this QEMU and this layer.</param>
/// <param name="MachineTypes">Such as <c>pc-q35-7.2</c>.</param>
/// <param name="CpuModels">Those that run here.</param>
internal sealed record GuestFacts(string Subject, IReadOnlyList<string> MachineTypes, IReadOnlyList<string> CpuModels);
