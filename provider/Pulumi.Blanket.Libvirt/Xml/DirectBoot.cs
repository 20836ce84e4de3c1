namespace Pulumi.Blanket.Libvirt.Xml;

/// <summary>A kernel that is booted without a disk; paths on the host.</summary>
public sealed record DirectBoot(string Kernel, string? Initrd = null, string? CommandLine = null);
