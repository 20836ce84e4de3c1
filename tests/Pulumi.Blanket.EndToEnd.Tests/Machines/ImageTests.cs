using System.Security.Cryptography;
using Grpc.Core;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Libvirt.Wire;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>Images on real members: downloaded, cut and carried on, checked, converted, copied where a machine needs them, and gone when none does.</summary>
[Collection(nameof(MachineLab))]
public sealed class ImageTests(MachineLab lab)
{
    [LabFact]
    public async Task ADownloadThatWasCutGoesOn()
    {
        await using var machines = await lab.StartMachinesAsync();
        var file = await MakeAsync("cut.raw", "raw");
        try
        {
            var program = ObjectValue.Empty.With("name", "cut").With("fabric", lab.Fabric).With("source", lab.Images.UrlOf("cut.raw")).With("sha256", lab.Images.HashOf("cut.raw")).With("format", "raw");
            const int Cut = 3_000_000;
            lab.Images.BreakAfter = Cut;
            lab.Images.Asked.Clear();
            var broken = await Assert.ThrowsAsync<RpcException>(() => machines.Stack.UpAsync("Image", "cut", program));
            Assert.Equal(StatusCode.Unavailable, broken.StatusCode);
            await machines.Stack.UpAsync("Image", "cut", program);
            Assert.Equal(2, lab.Images.Asked.Count);
            Assert.InRange(lab.Images.Asked[1], 1, Cut);
            Assert.Equal(128 << 20, ((NumberValue)machines.Stack["cut"]["virtualSizeBytes"].Bare).Number);
            Assert.Contains(machines.Stack.Messages, message => message.Ephemeral && message.Message.Contains("MiB", StringComparison.Ordinal));
            Assert.Empty((await machines.Stack.PreviewAsync("Image", "cut", program))!);
            await machines.Stack.DeleteAsync("cut");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [LabFact]
    public async Task WhatIsNotWhatItIsSaidToBeIsRefused()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = ObjectValue.Empty.With("name", "bad").With("fabric", lab.Fabric);
        var wrong = await Assert.ThrowsAsync<RpcException>(() => machines.Stack.UpAsync("Image", "bad", program.With("source", lab.Images.UrlOf("initrd")).With("sha256", new string('a', 64))));
        Assert.Contains(lab.Images.HashOf("initrd"), wrong.Status.Detail, StringComparison.Ordinal);
        await DeleteAsync();

        var kernel = await Assert.ThrowsAsync<RpcException>(() => machines.Stack.UpAsync("Image", "bad", program.With("source", lab.Images.PathOf("vmlinuz"))));
        Assert.Contains("format", kernel.Status.Detail, StringComparison.Ordinal);
        await DeleteAsync();

        // An image that draws on a file of the host would show it to its guest.
        var path = Path.Combine(Path.GetTempPath(), $"blanket-{Guid.NewGuid():N}.qcow2");
        (await lab.Lab.RunAsync(["qemu-img", "create", "-q", "-f", "qcow2", "-u", "-b", "/etc/shadow", "-F", "raw", path, "1M"])).OutputOrThrow();
        var backed = await Assert.ThrowsAsync<RpcException>(() => machines.Stack.UpAsync("Image", "bad", program.With("source", path)));
        Assert.Contains("another file", backed.Status.Detail, StringComparison.Ordinal);
        File.Delete(path);
        await DeleteAsync();
        foreach (var host in lab.Lab.Hosts)
        {
            await Eventually.TrueAsync(async () => (await host.RunOrThrowAsync(["sh", "-c", "ls /var/lib/blanket/pool | grep -v -e '^image-[0-9a-f]*$' | wc -l"])).Trim() == "0", $"nothing half-done is left on {host.Name}");
        }

        // What failed before anything was there has left nothing to delete.
        Task DeleteAsync() => machines.Stack.Has("bad") ? machines.Stack.DeleteAsync("bad") : Task.CompletedTask;
    }

    [LabFact]
    public async Task AnotherFormatIsConvertedAndCopiedWhereItIsNeeded()
    {
        await using var machines = await lab.StartMachinesAsync();
        var file = await MakeAsync("guest.vmdk", "vmdk");
        try
        {
            var hash = lab.Images.HashOf("guest.vmdk");
            await machines.Stack.UpAsync("Image", "vmdk", ObjectValue.Empty.With("name", "vmdk").With("fabric", lab.Fabric).With("source", file).With("format", "vmdk"));
            Assert.Equal($"{lab.FabricId}/{hash}", machines.Stack["vmdk"].Id);
            var program = machines.Program("from-vmdk").With("host", "gcp-1").With("disks", new ArrayValue([ObjectValue.Empty.With("image", machines.Stack["vmdk"].Id)]));
            Assert.DoesNotContain(hash, await MachineStack.LeftAsync(lab.Gcp), StringComparison.Ordinal);
            await machines.UpAsync("from-vmdk", program);
            await machines.ReachAsync("from-vmdk");
            Assert.Contains($"image-{hash}", await MachineStack.LeftAsync(lab.Gcp), StringComparison.Ordinal);
            var used = await Assert.ThrowsAsync<RpcException>(() => machines.Stack.DeleteAsync("vmdk"));
            Assert.Contains("from-vmdk", used.Status.Detail, StringComparison.Ordinal);

            // With the last machine there it is gone there, and stays where it is kept.
            await machines.DeleteAsync("from-vmdk");
            await Eventually.TrueAsync(async () => !(await MachineStack.LeftAsync(lab.Gcp)).Contains(hash, StringComparison.Ordinal), "nobody needs it there");
            Assert.Contains($"image-{hash}", await MachineStack.LeftAsync(lab.Aws), StringComparison.Ordinal);
            await machines.Stack.DeleteAsync("vmdk");
            await Eventually.TrueAsync(async () => !(await MachineStack.LeftAsync(lab.Aws)).Contains(hash, StringComparison.Ordinal), "nobody needs it at all");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<string> MakeAsync(string name, string format)
    {
        var path = lab.Images.PathOf(name);
        (await lab.Lab.RunAsync(["qemu-img", "convert", "-O", format, lab.Images.PathOf("guest.qcow2"), path])).OutputOrThrow();
        return path;
    }
}
