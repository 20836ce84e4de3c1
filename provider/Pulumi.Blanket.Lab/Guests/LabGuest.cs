using System.Diagnostics;
using System.Net.Http.Json;
using Pulumi.Blanket.Lab.Hosts;

namespace Pulumi.Blanket.Lab.Guests;

/// <summary>A tiny guest on a host, driven by plain libvirt means: no product takes part.</summary>
public sealed class LabGuest
{
    private const string Virsh = "virsh";

    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(180);

    private readonly Lab _lab;

    private LabGuest(Lab lab, GuestDefinition definition, LabHost host)
    {
        _lab = lab;
        Definition = definition;
        Host = host;
    }

    public GuestDefinition Definition { get; }

    public string Name => Definition.Name;

    /// <summary>Where it runs, as far as this object moved it.</summary>
    public LabHost Host { get; private set; }

    /// <summary>Makes a guest's disk and seed on a host, and starts it.</summary>
    public static async Task<LabGuest> StartAsync(Lab lab, LabHost host, GuestDefinition definition, CancellationToken cancellationToken = default)
    {
        LabGuest guest = new(lab, definition, host);
        await guest.PrepareAsync(host, cancellationToken);
        await host.RunOrThrowAsync([Virsh, "define", "/dev/stdin"], definition.ToDomain().ToString(), cancellationToken);
        await host.RunOrThrowAsync([Virsh, "start", definition.Name], cancellationToken: cancellationToken);
        return guest;
    }

    /// <summary>Waits for the line that the guest prints when its service answers.</summary>
    /// <returns>The line, such as <c>blanket guest ready: web-1 10.99.0.101</c>.</returns>
    public async Task<string> WaitUntilReadyAsync(CancellationToken cancellationToken = default)
    {
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            var console = await ReadConsoleAsync(cancellationToken);
            if (console.Split('\n').FirstOrDefault(line => line.Contains("guest ready", StringComparison.Ordinal) && line.EndsWith('\r')) is { } line)
            {
                return line.Trim();
            }

            if (deadline.Elapsed > ReadyTimeout)
            {
                throw new LabException(LabFailure.TimedOut, $"the guest '{Name}' is not ready after {ReadyTimeout.TotalSeconds:0} s; its console says: {console.Trim()}");
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>What the guest printed on its console since it came to the host where it is.</summary>
    public async Task<string> ReadConsoleAsync(CancellationToken cancellationToken = default)
        => (await Host.RunAsync(["cat", Definition.ConsoleFile], cancellationToken: cancellationToken)).Output;

    /// <summary>What the guest says of itself, asked over its network from the control namespace.</summary>
    public async Task<GuestStatus> GetStatusAsync(HttpClient client, CancellationToken cancellationToken = default)
        => (await client.GetFromJsonAsync($"http://{GuestNetwork.GuestAddress(Definition.Number)}/status", LabJson.Default.GuestStatus, cancellationToken))!;

    /// <summary>Dirties memory and disk at these rates from now on; 0 is off.</summary>
    public async Task SetLoadAsync(HttpClient client, int memoryMiBps, int diskMiBps, CancellationToken cancellationToken = default)
    {
        var answer = await client.PostAsync(new Uri($"http://{GuestNetwork.GuestAddress(Definition.Number)}/load?memoryMiBps={memoryMiBps}&diskMiBps={diskMiBps}"), null, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Moves the running guest to another host, its disk copied along: <c>virsh migrate --live --copy-storage-inc</c>.</summary>
    public async Task MigrateAsync(LabHost target, CancellationToken cancellationToken = default)
    {
        await PrepareAsync(target, cancellationToken);
        (await _lab.RunAsync(
            [
                Virsh, "--connect", Host.LibvirtUri, "migrate", "--live", "--persistent", "--undefinesource", "--copy-storage-inc",
                "--migrate-disks", "vda", "--migrateuri", $"tcp://{target.Address}", "--listen-address", target.Address, Name, target.LibvirtUri,
            ], cancellationToken: cancellationToken)).OutputOrThrow();
        await Host.RunOrThrowAsync(["rm", "-f", Definition.DiskFile, Definition.SeedFile, Definition.ConsoleFile], cancellationToken: cancellationToken);
        Host = target;
    }

    /// <summary>Presses the power button and waits until the guest is off.</summary>
    public async Task ShutdownAsync(CancellationToken cancellationToken = default)
    {
        await Host.RunOrThrowAsync([Virsh, "shutdown", Name], cancellationToken: cancellationToken);
        var deadline = Stopwatch.StartNew();
        while (await Host.RunOrThrowAsync([Virsh, "domstate", Name], cancellationToken: cancellationToken) is var state && state.Trim() != "shut off")
        {
            if (deadline.Elapsed > ReadyTimeout)
            {
                throw new LabException(LabFailure.TimedOut, $"the guest '{Name}' does not shut down: it is {state.Trim()}");
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    public async Task BootAsync(CancellationToken cancellationToken = default)
        => await Host.RunOrThrowAsync([Virsh, "start", Name], cancellationToken: cancellationToken);

    /// <summary>Destroys the guest and deletes what was made for it.</summary>
    public async Task DeleteAsync(CancellationToken cancellationToken = default)
    {
        await Host.RunAsync([Virsh, "destroy", Name], cancellationToken: cancellationToken);
        await Host.RunAsync([Virsh, "undefine", Name], cancellationToken: cancellationToken);
        await Host.RunOrThrowAsync(["rm", "-f", Definition.DiskFile, Definition.SeedFile, Definition.ConsoleFile], cancellationToken: cancellationToken);
    }

    // A fresh overlay each time: a stale one at the target would corrupt the guest without a word.
    private async Task PrepareAsync(LabHost host, CancellationToken cancellationToken)
    {
        await host.RunOrThrowAsync(["mkdir", "-p", GuestDefinition.ImageFolder], cancellationToken: cancellationToken);
        await host.RunOrThrowAsync(["rm", "-f", Definition.DiskFile], cancellationToken: cancellationToken);
        IReadOnlyList<string> disk = Definition.DirectKernel
            ? [Definition.DiskFile, "64M"]
            : ["-b", $"{LabHost.GuestFolder}/guest.qcow2", "-F", "qcow2", Definition.DiskFile];
        await host.RunOrThrowAsync(["qemu-img", "create", "-q", "-f", "qcow2", .. disk], cancellationToken: cancellationToken);
        if (Definition.Seed is null)
        {
            return;
        }

        var folder = await host.RunOrThrowAsync(["mktemp", "--directory"], cancellationToken: cancellationToken);
        foreach (var (name, content) in Definition.Seed.Files(Definition.Mac))
        {
            await host.RunOrThrowAsync(["tee", $"{folder}/{name}"], content, cancellationToken);
        }

        await host.RunOrThrowAsync(["genisoimage", "-quiet", "-output", Definition.SeedFile, "-volid", "cidata", "-joliet", "-rock", folder], cancellationToken: cancellationToken);
        await host.RunOrThrowAsync(["rm", "-r", folder], cancellationToken: cancellationToken);
    }
}
