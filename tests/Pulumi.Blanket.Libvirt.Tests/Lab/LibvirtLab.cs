using System.Diagnostics;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Guests;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Libvirt.Events;
using Pulumi.Blanket.Libvirt.Xml;

namespace Pulumi.Blanket.Libvirt.Tests.Lab;

/// <summary>Two hosts with a real libvirtd each, for all tests of this project.</summary>
public sealed class LibvirtLab : IAsyncLifetime
{
    public const string Name = "libvirt-tests";

    private static readonly LabPaths Paths = LabPaths.FromEnvironment();

    public Blanket.Lab.Lab Lab { get; private set; } = null!;

    public LabHost Source => Lab.Host("aws-1");

    public LabHost Target => Lab.Host("gcp-1");

    public async ValueTask InitializeAsync()
    {
        if (LabAvailability.Reason is not null)
        {
            return;
        }

        await Blanket.Lab.Lab.DownAsync(Name, Paths);
        LabDefinition definition = new(Name,
        [
            new HostDefinition { Name = "aws-1", Cloud = "aws", StorageGiB = 2 },
            new HostDefinition { Name = "gcp-1", Cloud = "gcp", StorageGiB = 2 },
        ]);
        Lab = await Blanket.Lab.Lab.UpAsync(definition, Paths, new Silence());
        await GuestNetwork.JoinAsync(Lab);
        foreach (var host in Lab.Hosts)
        {
            await host.RunOrThrowAsync(["mkdir", "-p", "/var/lib/libvirt/images"]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Lab is not null)
        {
            await Blanket.Lab.Lab.DownAsync(Name, Paths);
        }
    }

    /// <summary>A client of a host's libvirtd. The socket's path is asked for anew each time: it changes with each boot.</summary>
    public static Task<LibvirtClient> ConnectAsync(LabHost host, Func<LibvirtClientOptions, LibvirtClientOptions>? change = null)
    {
        LibvirtClientOptions options = new() { Open = token => LibvirtClientOptions.ForSocket(host.LibvirtSocketPath).Open(token) };
        return LibvirtClient.ConnectAsync(change is null ? options : change(options), TestContext.Current.CancellationToken);
    }

    /// <summary>A guest that boots without a disk image of its own; it has a blank disk where <paramref name="disk"/> names one.</summary>
    public static DomainDefinition Guest(string name, string? disk = null) => new()
    {
        Name = name,
        Uuid = Guid.NewGuid(),
        Type = DomainType.Qemu,
        MemoryMiB = 128,
        MachineType = "pc",
        Boot = new DirectBoot($"{LabHost.GuestFolder}/vmlinuz", $"{LabHost.GuestFolder}/initrd", "console=ttyS0 quiet panic=1 no_timer_check"),
        Disks = disk is null ? [] : [new DiskDefinition(disk, "vda")],
        ConsoleLog = $"/var/lib/libvirt/images/{name}.console",
        AgentChannel = true,
    };

    /// <summary>Waits until the guest's own program runs: from then on it takes devices and the power button.</summary>
    public static async Task WaitUntilReadyAsync(LabHost host, string name)
    {
        var watch = Stopwatch.StartNew();
        while (!(await host.RunAsync(["cat", $"/var/lib/libvirt/images/{name}.console"])).Output.Contains("guest ready", StringComparison.Ordinal))
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(180), $"the guest {name} is not ready");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Reads events up to the first that fits, for at most 20 s.</summary>
    public static async Task<IReadOnlyList<DomainEvent>> ReadUntilAsync(EventSubscription subscription, Func<DomainEvent, bool> last)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        List<DomainEvent> events = [];
        try
        {
            await foreach (var received in subscription.ReadAllAsync(limit.Token))
            {
                events.Add(received);
                if (last(received))
                {
                    return events;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Said below, with what came.
        }

        throw new TimeoutException($"the event did not come; these did:\n{string.Join('\n', events)}");
    }

    private sealed class Silence : IProgress<LabProgress>
    {
        public void Report(LabProgress value)
        {
        }
    }
}
