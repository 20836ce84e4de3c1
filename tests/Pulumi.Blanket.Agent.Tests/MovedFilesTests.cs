using Pulumi.Blanket.Agent.Moving;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>What a machine consists of while it is off, as both sides of its move name it.</summary>
public sealed class MovedFilesTests
{
    [Theory]
    [InlineData("<os/>", "")]
    [InlineData("<os firmware='efi'/>", "/var/lib/libvirt/qemu/nvram/web-1_VARS.fd")]
    [InlineData("<os firmware='efi'><nvram template='/usr/share/vars.fd'>/somewhere/vars.fd</nvram></os>", "/somewhere/vars.fd")]
    public void DisksThenTheFirmwaresVariablesThenMemory(string system, string variables)
    {
        MoveOrder order = new() { Definition = $"<domain><name>web-1</name>{system}</domain>", Disks = { new MovedDisk { Path = "/one" }, new MovedDisk { Path = "/two" } } };
        Assert.Equal(["/one", "/two", variables, "/var/lib/libvirt/qemu/save/web-1.save"], MovedFiles.Of(order));
        Assert.DoesNotContain("", MovedFiles.OfLibvirt(order));
        Assert.DoesNotContain("/one", MovedFiles.OfLibvirt(order));
    }
}
