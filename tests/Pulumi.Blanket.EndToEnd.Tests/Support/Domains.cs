using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;

namespace Pulumi.Blanket.EndToEnd.Tests.Support;

/// <summary>Domains that look like a fabric's VMs, defined by plain libvirt means.</summary>
internal static class Domains
{
    public static async Task DefineAsync(LabHost host, string name, string fabricId) => await host.RunOrThrowAsync(["virsh", "define", "/dev/stdin"],
        $"""
        <domain type='qemu'>
          <name>{name}</name>
          <memory unit='MiB'>64</memory>
          <os><type arch='x86_64' machine='pc'>hvm</type></os>
          <metadata><blanket:vm xmlns:blanket='urn:pulumi-blanket:domain:1' fabric='{fabricId}'/></metadata>
        </domain>
        """);
}
