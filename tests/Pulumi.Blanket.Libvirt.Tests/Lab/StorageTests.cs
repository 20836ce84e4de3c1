using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Storage;
using Pulumi.Blanket.Libvirt.Xml;

namespace Pulumi.Blanket.Libvirt.Tests.Lab;

[Collection(nameof(LibvirtLab))]
public sealed class StorageTests(LibvirtLab lab)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task A_pool_and_its_volumes()
    {
        await using var client = await LibvirtLab.ConnectAsync(lab.Target);
        PoolDefinition definition = new("blanket-test", "/var/lib/blanket-test");
        var pool = await client.DefinePoolAsync(definition.ToXml(), Token);
        await client.BuildPoolAsync(pool, Token);
        await client.StartPoolAsync(pool, Token);
        Assert.Contains(pool, await client.ListPoolsAsync(Token));
        Assert.Equal(pool, await client.GetPoolAsync("blanket-test", Token));
        Assert.Equal(definition, PoolDefinition.FromXml(await client.GetPoolXmlAsync(pool, Token)));
        var info = await client.GetPoolInfoAsync(pool, Token);
        Assert.Equal(PoolState.Running, info.State);
        Assert.InRange(info.AvailableBytes, 1ul << 20, info.CapacityBytes);

        var volume = await client.CreateVolumeAsync(pool, new VolumeDefinition("base.qcow2", 16 << 20).ToXml(), cancellationToken: Token);
        Assert.Equal("/var/lib/blanket-test/base.qcow2", await client.GetVolumePathAsync(volume, Token));
        Assert.Equal(volume, await client.GetVolumeByPathAsync("/var/lib/blanket-test/base.qcow2", Token));
        Assert.Equal(volume, await client.GetVolumeAsync(pool, "base.qcow2", Token));
        await client.ResizeVolumeAsync(volume, 32 << 20, cancellationToken: Token);
        Assert.Equal(32ul << 20, (await client.GetVolumeInfoAsync(volume, Token)).CapacityBytes);

        VolumeDefinition overlay = new("overlay.qcow2", 64 << 20) { BackingPath = "/var/lib/blanket-test/base.qcow2" };
        var second = await client.CreateVolumeAsync(pool, overlay.ToXml(), cancellationToken: Token);
        Assert.Equal(overlay, VolumeDefinition.FromXml(await client.GetVolumeXmlAsync(second, Token)));
        Assert.Equal(LibvirtErrorCode.StorageVolExist, (await Assert.ThrowsAsync<LibvirtException>(() => client.CreateVolumeAsync(pool, overlay.ToXml(), cancellationToken: Token))).Code);

        await lab.Target.RunOrThrowAsync(["truncate", "--size=1M", "/var/lib/blanket-test/other.raw"], cancellationToken: Token);
        await client.RefreshPoolAsync(pool, Token);
        Assert.Equal(["base.qcow2", "other.raw", "overlay.qcow2"], (await client.ListVolumesAsync(pool, Token)).Select(each => each.Name).Order());

        await client.DeleteVolumeAsync(second, Token);
        await client.DeleteVolumeAsync(volume, Token);
        await client.StopPoolAsync(pool, Token);
        await client.UndefinePoolAsync(pool, Token);
        Assert.Empty(await client.ListPoolsAsync(Token));
    }
}
