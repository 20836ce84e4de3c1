using Grpc.Core;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Libvirt.Wire;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>Each property of a VM changed: in place while the guest runs, by a restart where that is allowed, refused where it is not.</summary>
[Collection(nameof(MachineLab))]
public sealed class ChangeTests(MachineLab lab)
{
    private const long GiB = 1L << 30;

    [LabFact]
    public async Task InPlaceTheGuestGoesOn()
    {
        await using var machines = await lab.StartMachinesAsync();
        await machines.Stack.UpAsync("Volume", "data", ObjectValue.Empty.With("name", "data").With("fabric", lab.Fabric).With("sizeGiB", 1).With("host", "aws-1"));
        await machines.Stack.UpAsync("Network", "back", ObjectValue.Empty.With("name", "back").With("fabric", lab.Fabric).With("cidr", "10.61.0.0/24"));
        var program = machines.Program("in-place").With("maxVcpus", 2).With("memoryMiB", 128).With("maxMemoryMiB", 160).With("host", "aws-1");
        await machines.UpAsync("in-place", program);
        var status = await machines.ReachAsync("in-place");
        Assert.Equal(1, status.Cpus);

        await ChangeAsync(program.With("vcpus", 2), "vcpus");
        Assert.Contains("current='2'>2", (await machines.XmlAsync("in-place")).Replace("<vcpu placement='static'>2", "current='2'>2", StringComparison.Ordinal), StringComparison.Ordinal);
        await ChangeAsync(program.With("vcpus", 2).With("memoryMiB", 152), "memoryMiB");
        await Eventually.TrueAsync(async () => (await machines.TryReachAsync("in-place"))?.MemoryMiB > status.MemoryMiB, "the guest has more memory");
        program = program.With("vcpus", 2).With("memoryMiB", 152);

        // A disk grows, one is added, and a volume; then a card.
        var image = ObjectValue.Empty.With("image", lab.Image);
        var blank = ObjectValue.Empty.With("sizeGiB", 1);
        var volume = ObjectValue.Empty.With("volume", machines.Stack["data"].Id);
        await ChangeAsync(program.With("disks", new ArrayValue([image.With("sizeGiB", 1)])), "disks[0].sizeGiB");
        await SeesAsync(disks => disks[0] == GiB, "its first disk has 1 GiB");
        image = image.With("sizeGiB", 1);
        await ChangeAsync(program.With("disks", new ArrayValue([image, blank, volume])), "disks[1]", "disks[2]");
        await SeesAsync(disks => disks.Count(size => size == GiB) == 3, "it has two more");

        // The volume grows under it, and goes again; the blank disk does not go without a word.
        await machines.Stack.UpAsync("Volume", "data", ObjectValue.Empty.With("name", "data").With("fabric", lab.Fabric).With("sizeGiB", 2).With("host", "aws-1"));
        await SeesAsync(disks => disks.Contains(2 * GiB), "the volume has 2 GiB");
        await ChangeAsync(program.With("disks", new ArrayValue([image, blank])), "disks[2]");
        var kept = await machines.Stack.Plugin.Engine.CheckAsync(Stack.TypeOf("VirtualMachine"), "in-place", program.With("disks", new ArrayValue([image])), machines.Stack["in-place"].Inputs);
        Assert.Contains("forceDestroy", Assert.Single(kept.Failures).Reason, StringComparison.Ordinal);
        program = program.With("forceDestroy", true).With("disks", new ArrayValue([image]));
        await ChangeAsync(program, "disks[1]", "forceDestroy");
        Assert.DoesNotContain("disk1", await MachineStack.LeftAsync(lab.Aws), StringComparison.Ordinal);

        var cards = new ArrayValue([ObjectValue.Empty.With("network", lab.Network), ObjectValue.Empty.With("network", machines.Stack["back"].Id).With("address", "10.61.0.77")]);
        await ChangeAsync(program.With("networks", cards), "networks[1]");
        Assert.Contains((StringValue)"10.61.0.77", ((ArrayValue)machines.Stack["in-place"]["addresses"]).Items);
        var held = await Assert.ThrowsAsync<RpcException>(() => machines.Stack.DeleteAsync("back"));
        Assert.Contains("in-place", held.Status.Detail, StringComparison.Ordinal);
        await ChangeAsync(program, "networks[1]");

        // All of this without a restart.
        Assert.True((await machines.ReachAsync("in-place")).MemoryCounter > status.MemoryCounter);
        await machines.DeleteAsync("in-place");
        await machines.Stack.DeleteAsync("back");
        await machines.Stack.DeleteAsync("data");
        Assert.DoesNotContain("volume-", await MachineStack.LeftAsync(lab.Aws), StringComparison.Ordinal);

        // The guest's kernel takes a moment to look at what is new.
        Task SeesAsync(Func<long[], bool> isSo, string what)
            => Eventually.TrueAsync(async () => await machines.TryReachAsync("in-place") is { } seen && isSo([.. seen.Disks.Select(disk => disk.SizeBytes)]), $"the guest sees that {what}");

        async Task ChangeAsync(ObjectValue wanted, params string[] paths)
        {
            Assert.Equal(paths, (await machines.PreviewAsync("in-place", wanted)).Order(StringComparer.Ordinal));
            await machines.UpAsync("in-place", wanted);
            Assert.Empty(await machines.PreviewAsync("in-place", wanted));
            await machines.Stack.RefreshAsync("in-place");
            Assert.Empty(await machines.PreviewAsync("in-place", wanted));
        }
    }

    [LabFact]
    public async Task ByARestartOnlyWhereThatIsAllowed()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("db").With("host", "gcp-1");
        await machines.UpAsync("db", program);
        var status = await machines.ReachAsync("db");
        foreach (var (wanted, property) in new[] { (program.With("maxVcpus", 2), "maxVcpus"), (program.With("memoryMiB", 144), "memoryMiB"), (program.With("firmware", "uefi"), "firmware") })
        {
            var preview = await Assert.ThrowsAsync<RpcException>(() => machines.PreviewAsync("db", wanted));
            var refused = await Assert.ThrowsAsync<RpcException>(() => machines.UpAsync("db", wanted));
            foreach (var detail in new[] { preview.Status.Detail, refused.Status.Detail })
            {
                Assert.Contains(property, detail, StringComparison.Ordinal);
                Assert.Contains("allowRestart", detail, StringComparison.Ordinal);
            }
        }

        Assert.True((await machines.ReachAsync("db")).MemoryCounter > status.MemoryCounter);
        var disk = await machines.ReachWrittenAsync("db");
        var allowed = program.With("maxVcpus", 2).With("vcpus", 2).With("memoryMiB", 144).With("allowRestart", true);
        await machines.PreviewAsync("db", allowed);
        Assert.Contains(machines.Stack.Messages, message => message.Message.Contains("restarts the VM", StringComparison.Ordinal));
        await machines.UpAsync("db", allowed);
        var after = await machines.ReachAsync("db");
        Assert.Equal(2, after.Cpus);
        Assert.True(after.MemoryMiB > status.MemoryMiB);
        Assert.True(after.DiskCounter >= disk, "the disk is what it was");

        // Off and on again; what is off can be changed without asking.
        await machines.UpAsync("db", allowed.With("running", false));
        Assert.Equal("stopped", machines.Stack["db"].Text("state"));
        await machines.UpAsync("db", allowed.With("running", false).With("allowRestart", false).With("memoryMiB", 128));
        await machines.UpAsync("db", allowed.With("memoryMiB", 128));
        Assert.True((await machines.ReachAsync("db")).DiskCounter >= after.DiskCounter, "the disk is what it was");

        // A firmware that the member does not have is told, and the machine is what it was.
        await lab.Gcp.RunOrThrowAsync(["sh", "-ec", "mv /usr/share/qemu/firmware /usr/share/qemu/no-firmware; systemctl restart libvirtd"]);
        var missing = await Assert.ThrowsAsync<RpcException>(() => machines.UpAsync("db", allowed.With("memoryMiB", 128).With("firmware", "uefi")));
        Assert.Contains("ovmf", missing.Status.Detail, StringComparison.Ordinal);
        await lab.Gcp.RunOrThrowAsync(["sh", "-ec", "mv /usr/share/qemu/no-firmware /usr/share/qemu/firmware; systemctl restart libvirtd"]);
        await machines.UpAsync("db", allowed.With("memoryMiB", 128));
        await machines.ReachAsync("db");
        await machines.DeleteAsync("db");
    }

    [LabFact]
    public async Task AKernelIsBootedDirectly()
    {
        await using var machines = await lab.StartMachinesAsync();
        foreach (var (name, file) in new[] { ("kernel", "vmlinuz"), ("initrd", "initrd") })
        {
            // From a file here, whose hash Check finds out.
            await machines.Stack.UpAsync("Image", name, ObjectValue.Empty.With("name", name).With("fabric", lab.Fabric).With("source", lab.Images.PathOf(file)).With("format", name));
            Assert.Equal(lab.Images.HashOf(file), machines.Stack[name].Text("sha256"));
        }

        var boot = ObjectValue.Empty.With("kernel", machines.Stack["kernel"].Id).With("initrd", machines.Stack["initrd"].Id).With("cmdline", "console=ttyS0 quiet panic=1 no_timer_check");
        var program = machines.Program("direct").With("boot", boot).With("disks", new ArrayValue([ObjectValue.Empty.With("sizeGiB", 1).With("bus", "scsi")]));
        await machines.UpAsync("direct", program);
        Assert.Equal(GiB, (await machines.ReachAsync("direct")).Disks.Single(disk => disk.Name == "sda").SizeBytes);
        Assert.Empty(await machines.PreviewAsync("direct", program));
        var used = await Assert.ThrowsAsync<RpcException>(() => machines.Stack.DeleteAsync("kernel"));
        Assert.Contains("direct", used.Status.Detail, StringComparison.Ordinal);
        await machines.DeleteAsync("direct");

        // The same by UEFI, whose memory takes a little more; its settings go with the machine.
        await machines.UpAsync("uefi", machines.Program("uefi").With("boot", boot).With("disks", new ArrayValue([])).With("firmware", "uefi").With("memoryMiB", 192));
        await machines.ReachAsync("uefi");
        Assert.Contains("OVMF", await machines.XmlAsync("uefi"), StringComparison.Ordinal);
        await machines.DeleteAsync("uefi");
        Assert.Equal("", (await Task.WhenAll(lab.Lab.Hosts.Select(host => host.RunOrThrowAsync(["sh", "-c", "ls /var/lib/libvirt/qemu/nvram"])))).Aggregate(string.Concat));
        await machines.Stack.DeleteAsync("kernel");
        await machines.Stack.DeleteAsync("initrd");
        foreach (var host in lab.Lab.Hosts)
        {
            await Eventually.TrueAsync(async () => !(await MachineStack.LeftAsync(host)).Contains(lab.Images.HashOf("vmlinuz"), StringComparison.Ordinal), $"the kernel is gone from {host.Name}");
        }
    }
}
