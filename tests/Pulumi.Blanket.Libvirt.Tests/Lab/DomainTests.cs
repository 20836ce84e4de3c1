using System.Xml.Linq;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Guests;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Events;
using Pulumi.Blanket.Libvirt.Migration;
using Pulumi.Blanket.Libvirt.Tests.Support;
using Pulumi.Blanket.Libvirt.Xml;

namespace Pulumi.Blanket.Libvirt.Tests.Lab;

/// <summary>Real guests.</summary>
[Collection(nameof(LibvirtLab))]
public sealed class DomainTests(LibvirtLab lab)
{
    private static readonly XNamespace Ours = "https://example.org/blanket-test";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task A_guests_life()
    {
        await using var client = await LibvirtLab.ConnectAsync(lab.Source);
        await using var subscription = client.Subscribe();
        var definition = LibvirtLab.Guest("life") with { Metadata = [new XElement(Ours + "vm", new XElement(Ours + "phase", "creating"))], CurrentMemoryMiB = 128, MaxVcpus = 2 };
        var domain = await client.DefineDomainAsync(definition.ToXml(), validate: true, Token);
        Assert.Equal((definition.Name, definition.Uuid), (domain.Name, domain.Uuid));
        Assert.Equal(domain, await client.GetDomainAsync("life", Token));
        Assert.Equal(domain, await client.GetDomainAsync(domain.Uuid, Token));
        Assert.Contains(domain, await client.ListDomainsAsync(DomainListOptions.Inactive, Token));
        Assert.Equal(DomainState.ShutOff, (await client.GetStatusAsync(domain, Token)).State);

        // What was defined is what is read, and our metadata can be changed without the rest.
        var read = DomainDefinition.FromXml(await client.GetXmlAsync(domain, DomainXmlOptions.Inactive, Token));
        Assert.Equal((128, 2, definition.Boot, definition.ConsoleLog, true), (read.MemoryMiB, read.MaxVcpus, read.Boot, read.ConsoleLog, read.AgentChannel));
        Assert.Equal("creating", (string?)(await client.GetMetadataAsync(domain, Ours.NamespaceName, cancellationToken: Token))!.Element(Ours + "phase") ?? (string?)Assert.Single(read.Metadata).Element(Ours + "phase"));
        await client.SetMetadataAsync(domain, "bt", Ours.NamespaceName, new XElement(Ours + "vm", new XElement(Ours + "phase", "ready <&>")), DomainScope.Config, Token);
        read = DomainDefinition.FromXml(await client.GetXmlAsync(domain, DomainXmlOptions.Inactive, Token));
        Assert.Equal("ready <&>", Assert.Single(read.Metadata).Value);
        Assert.Null(await client.GetMetadataAsync(domain, "urn:nobody", cancellationToken: Token));

        domain = await client.StartAsync(domain, DomainStartOptions.Paused, Token);
        Assert.InRange(domain.Id, 1, int.MaxValue);
        Assert.Equal(PausedReason.User, (await client.GetStatusAsync(domain, Token)).PausedReason);
        Assert.True(await client.IsPersistentAsync(domain, Token));
        await client.ResumeAsync(domain, Token);
        Assert.Equal(RunningReason.Unpaused, (await client.GetStatusAsync(domain, Token)).RunningReason);
        await client.SuspendAsync(domain, Token);
        await client.ResumeAsync(domain, Token);

        var info = await client.GetInfoAsync(domain, Token);
        Assert.Equal((DomainState.Running, 131_072ul, 1), (info.State, info.MaxMemoryKiB, info.Vcpus));
        var statistics = Assert.Single(await client.GetStatisticsAsync([domain], cancellationToken: Token));
        Assert.Equal(domain, statistics.Domain);
        Assert.Equal((1L, 131_072L, 1L), (statistics.Parameters.GetLong("state.state"), statistics.Parameters.GetLong("balloon.maximum"), statistics.Parameters.GetLong("vcpu.current")));
        Assert.Contains(await client.GetStatisticsAsync([], DomainStatisticsGroups.Balloon, cancellationToken: Token), each => each.Domain == domain && each.Parameters.GetULong("balloon.current") > 0 && each.Parameters.Find("state.state") is null);
        Assert.Equal(JobType.None, (await client.GetJobAsync(domain, cancellationToken: Token)).Type);
        Assert.Equal(LibvirtErrorCode.AgentUnresponsive, (await Assert.ThrowsAsync<LibvirtException>(() => client.CallAgentAsync(domain, """{"execute":"guest-ping"}""", 1, Token))).Code);
        await client.SetMemoryAsync(domain, 100 << 10, DomainScope.Config, cancellationToken: Token);
        Assert.Equal(100, DomainDefinition.FromXml(await client.GetXmlAsync(domain, DomainXmlOptions.Inactive, Token)).CurrentMemoryMiB);
        await client.SetVcpusAsync(domain, 4, DomainScope.Config, maximum: true, Token);
        await client.SetVcpusAsync(domain, 3, DomainScope.Config, cancellationToken: Token);
        Assert.Equal((4, 3, 1), (await client.GetVcpusAsync(domain, DomainScope.Config, maximum: true, Token), await client.GetVcpusAsync(domain, DomainScope.Config, cancellationToken: Token), await client.GetVcpusAsync(domain, DomainScope.Live, cancellationToken: Token)));
        await client.SetAutostartAsync(domain, false, Token);

        Assert.Equal(LibvirtErrorCode.OperationInvalid, (await Assert.ThrowsAsync<LibvirtException>(() => client.StartAsync(domain, cancellationToken: Token))).Code);
        await client.DestroyAsync(domain, cancellationToken: Token);
        Assert.Equal(ShutOffReason.Destroyed, (await client.GetStatusAsync(domain, Token)).ShutOffReason);
        await client.UndefineAsync(domain, cancellationToken: Token);
        Assert.Null(await client.FindDomainAsync(domain.Uuid, Token));

        var lives = (await LibvirtLab.ReadUntilAsync(subscription, received => received is DomainLifecycleEvent { Lifecycle: DomainLifecycle.Undefined } life && life.Domain == domain))
            .OfType<DomainLifecycleEvent>().Where(life => life.Domain == domain).Select(life => life.Lifecycle).ToList();
        Assert.Equal(
            [DomainLifecycle.Defined, DomainLifecycle.Started, DomainLifecycle.Suspended, DomainLifecycle.Resumed, DomainLifecycle.Suspended, DomainLifecycle.Resumed, DomainLifecycle.Stopped, DomainLifecycle.Undefined],
            // Each change of the definition is told as well; a QEMU that is ended may or may not say that it shuts down.
            lives.Where((life, index) => life != DomainLifecycle.Shutdown && (index == 0 || life != DomainLifecycle.Defined)));
    }

    [LabFact]
    public async Task Devices_come_and_go_while_the_guest_runs_and_it_moves()
    {
        await using var source = await LibvirtLab.ConnectAsync(lab.Source);
        await using var target = await LibvirtLab.ConnectAsync(lab.Target);
        const string Disk = "/var/lib/libvirt/images/mover.qcow2";
        foreach (var host in lab.Lab.Hosts)
        {
            await host.RunOrThrowAsync(["qemu-img", "create", "-q", "-f", "qcow2", Disk, "64M"], cancellationToken: Token);
        }

        await using var subscription = source.Subscribe();
        var domain = await source.StartAsync(await source.DefineDomainAsync(LibvirtLab.Guest("mover", Disk).ToXml(), cancellationToken: Token), cancellationToken: Token);
        await LibvirtLab.WaitUntilReadyAsync(lab.Source, "mover");

        // A card and a disk are plugged in and out.
        InterfaceDefinition card = new(GuestNetwork.Bridge, "52:54:00:99:00:77");
        await source.AttachDeviceAsync(domain, card.ToXml(), DomainScope.Both, Token);
        var read = DomainDefinition.FromXml(await source.GetXmlAsync(domain, cancellationToken: Token));
        var alias = Assert.Single(read.Interfaces).Alias;
        Assert.NotNull(alias);
        await lab.Source.RunOrThrowAsync(["qemu-img", "create", "-q", "-f", "qcow2", "/var/lib/libvirt/images/more.qcow2", "8M"], cancellationToken: Token);
        DiskDefinition more = new("/var/lib/libvirt/images/more.qcow2", "vdb");
        await source.AttachDeviceAsync(domain, more.ToXml(), DomainScope.Live, Token);
        await source.ResizeDiskAsync(domain, "vdb", 16 << 20, Token);
        Assert.Equal(16ul << 20, (await source.GetDiskInfoAsync(domain, "vdb", Token)).CapacityBytes);
        Assert.NotNull((await source.GetDiskStatisticsAsync(domain, "vda", Token)).GetLong("rd_bytes"));
        await source.DetachDeviceByAliasAsync(domain, alias, DomainScope.Live, Token);
        await source.DetachDeviceAsync(domain, more.ToXml(), DomainScope.Live, Token);
        await source.DetachDeviceAsync(domain, card.ToXml(), DomainScope.Config, Token);
        HashSet<string> gone = [];
        await LibvirtLab.ReadUntilAsync(subscription, received => received is DeviceRemovedEvent removed && gone.Add(removed.Device) && gone.Count == 2);
        Assert.Contains(alias, gone);
        Assert.Equal("vda", Assert.Single(DomainDefinition.FromXml(await source.GetXmlAsync(domain, cancellationToken: Token)).Disks).Target);

        // Moved peer to peer, the target's libvirtd reached through a unix socket at the source: as the agents will do it.
        await using SocketRelay relay = new($"{Path.GetDirectoryName(lab.Source.LibvirtSocketPath)}/peer.sock", lab.Target.LibvirtSocketPath);
        await source.MigrateAsync(domain, "qemu+unix:///system?socket=/run/libvirt/peer.sock",
            MigrationOptions.Live | MigrationOptions.PersistAtTarget | MigrationOptions.UndefineSource | MigrationOptions.Paused | MigrationOptions.CopyDisksIncrementally,
            new MigrationParameters { MigrateUri = $"tcp://{lab.Target.Address}", ListenAddress = lab.Target.Address, Disks = ["vda"] }, Token);
        Assert.Null(await source.FindDomainAsync(domain.Uuid, Token));
        Assert.Equal(PausedReason.User, (await target.GetStatusAsync(domain, Token)).PausedReason);
        var job = await target.GetJobAsync(domain, completed: true, cancellationToken: Token);
        Assert.Equal((JobType.Completed, true), (job.Type, job.DowntimeMs > 0));
        Assert.InRange(job.MemoryProcessedBytes!.Value, 1ul << 20, 1ul << 30);
        await target.ResumeAsync(domain, Token);
        Assert.Equal(DomainState.Running, (await target.GetStatusAsync(domain, Token)).State);
        await target.ShutdownAsync(domain, DomainShutdownOptions.AcpiPowerBtn, Token);
        await Eventually.TrueAsync(async () => (await target.GetStatusAsync(domain, Token)).State is DomainState.ShutOff, "the guest shuts down at the power button");
        await target.UndefineAsync(domain, cancellationToken: Token);

        // libvirt 9.0 tells of the job's end after it has told that the source stopped, and never tells that the source was undefined.
        var seen = await LibvirtLab.ReadUntilAsync(subscription, received => received is JobCompletedEvent);
        Assert.NotEmpty(seen.OfType<MigrationIterationEvent>());
        Assert.NotNull(Assert.Single(seen.OfType<JobCompletedEvent>()).Statistics.DowntimeMs);
    }
}
