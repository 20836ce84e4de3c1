using Pulumi.Blanket.Provider.Resources.VirtualMachine;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>What a running VM can take, and what it can't.</summary>
public sealed class RestartRulesTests
{
    private static readonly VirtualMachineInputs Machine = new()
    {
        Fabric = null!,
        Vcpus = 2,
        MemoryMiB = 512,
        MaxVcpus = 4,
        MaxMemoryMiB = 1024,
        Disks = [new() { Image = "f/1" }, new() { Volume = "f/2" }, new() { SizeGiB = 5, Bus = DiskBus.Sata }],
    };

    public static TheoryData<string, string> Refused => new()
    {
        { "more vcpus than it was started for", "vcpus (from 2 to 5" },
        { "another maximum of vcpus", "maxVcpus (from 4 to 8)" },
        { "a smaller maximum", "maxVcpus (from 4 to 3)" },
        { "more memory than it was started for", "memoryMiB (from 512 to 2048" },
        { "another maximum of memory", "maxMemoryMiB (from 1024 to 2048)" },
        { "firmware", "firmware (from 'bios' to 'uefi')" },
        { "kernel", "boot (" },
        { "bus", "disks[0].bus (from 'virtio' to 'scsi')" },
        { "a sata disk more", "disks[3] (a disk with the bus 'sata' is added)" },
        { "a sata disk less", "disks[2] (a disk with the bus 'sata' is taken out)" },
        { "another disk in front", "disks[0] (it boots from another disk)" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_needs_a_restart_is_named(string change, string reason)
        => Assert.StartsWith(reason, Assert.Single(RestartRules.Find(Machine, Changed(change), static _ => true)), StringComparison.Ordinal);

    [Theory]
    [InlineData("as many vcpus as it was started for")]
    [InlineData("fewer vcpus")]
    [InlineData("as much memory as it was started for")]
    [InlineData("no maximum")]
    [InlineData("a larger disk")]
    [InlineData("a disk more")]
    [InlineData("a volume less")]
    [InlineData("other disks in another order")]
    [InlineData("name")]
    public void What_needs_none_is_not(string change) => Assert.Empty(RestartRules.Find(Machine, Changed(change), static _ => true));

    [Fact]
    public void What_is_not_known_yet_needs_none()
        => Assert.Empty(RestartRules.Find(Machine, new VirtualMachineInputs { Fabric = null!, MemoryMiB = 0, Firmware = VirtualMachineFirmware.Uefi }, static _ => false));

    [Fact]
    public void Without_a_maximum_it_was_started_for_what_it_has()
    {
        var plain = Machine with { MaxVcpus = null };
        Assert.Single(RestartRules.Find(plain, plain with { Vcpus = 3 }, static _ => true));
        Assert.Empty(RestartRules.Find(plain, plain with { Vcpus = 1 }, static _ => true));
        Assert.Empty(RestartRules.Find(plain, plain with { MaxVcpus = 2 }, static _ => true));
    }

    [Fact]
    public void With_a_kernel_it_does_not_matter_which_disk_is_first()
    {
        var direct = Machine with { Boot = new() { Kernel = "f/9" } };
        Assert.Empty(RestartRules.Find(direct, direct with { Disks = [.. direct.Disks!.Reverse()] }, static _ => true));
    }

    private static VirtualMachineInputs Changed(string change)
    {
        var disks = Machine.Disks!;
        return change switch
        {
            "more vcpus than it was started for" => Machine with { Vcpus = 5, MaxVcpus = null },
            "another maximum of vcpus" => Machine with { MaxVcpus = 8 },
            "a smaller maximum" => Machine with { MaxVcpus = 3 },
            "more memory than it was started for" => Machine with { MemoryMiB = 2048, MaxMemoryMiB = null },
            "another maximum of memory" => Machine with { MaxMemoryMiB = 2048 },
            "firmware" => Machine with { Firmware = VirtualMachineFirmware.Uefi },
            "kernel" => Machine with { Boot = new() { Kernel = "f/3" } },
            "bus" => Machine with { Disks = [disks[0] with { Bus = DiskBus.Scsi }, disks[1], disks[2]] },
            "a sata disk more" => Machine with { Disks = [.. disks, new() { SizeGiB = 7, Bus = DiskBus.Sata }] },
            "a sata disk less" => Machine with { Disks = [disks[0], disks[1]] },
            "another disk in front" => Machine with { Disks = [disks[1], disks[0], disks[2]] },
            "as many vcpus as it was started for" => Machine with { Vcpus = 4 },
            "fewer vcpus" => Machine with { Vcpus = 1 },
            "as much memory as it was started for" => Machine with { MemoryMiB = 1024 },
            "no maximum" => Machine with { MaxVcpus = null, MaxMemoryMiB = null },
            "a larger disk" => Machine with { Disks = [disks[0] with { SizeGiB = 30 }, disks[1], disks[2]] },
            "a disk more" => Machine with { Disks = [.. disks, new() { SizeGiB = 7 }] },
            "a volume less" => Machine with { Disks = [disks[0], disks[2]] },
            "other disks in another order" => Machine with { Disks = [disks[0], disks[2], disks[1]] },
            _ => Machine with { Name = "other" },
        };
    }
}
