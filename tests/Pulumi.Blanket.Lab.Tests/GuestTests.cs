using System.Diagnostics;
using System.Text.Json;
using Pulumi.Blanket.Lab.Guests;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Lab.Tests;

/// <summary>The tiny guest, and that the lab can do what the product will have to: move it while it runs.</summary>
[Collection(nameof(QuietLab))]
public sealed class GuestTests(QuietLab shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task From_a_disk_image_with_a_seed()
    {
        var key = await File.ReadAllTextAsync(shared.Lab.PrivateKeyFile + ".pub", Token);
        var guest = await LabGuest.StartAsync(shared.Lab, shared.Aws, new GuestDefinition
        {
            Name = "seeded",
            Number = 31,
            Seed = new GuestSeed("from-the-seed", "10.99.0.131/24", "10.99.0.11", key.Trim()),
        }, Token);
        Assert.Equal("blanket guest ready: from-the-seed 10.99.0.131", await guest.WaitUntilReadyAsync(Token));

        var status = await guest.GetStatusAsync(shared.Client, Token);
        Assert.Equal("from-the-seed", status.Hostname);
        Assert.Equal(["10.99.0.131"], status.Addresses);
        Assert.Equal(1, status.Cpus);
        Assert.InRange(status.MemoryMiB, 64, 128);
        Assert.Equal("vda", Assert.Single(status.Disks).Name);

        var login = await shared.Lab.RunAsync(
            ["ssh", "-i", shared.Lab.PrivateKeyFile, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=20", "root@10.99.0.131", "hostname; ip route"],
            cancellationToken: Token);
        Assert.Contains("from-the-seed\ndefault via 10.99.0.11", login.OutputOrThrow(), StringComparison.Ordinal);

        // Disk and memory tell a restart from going on: the button is pressed, the guest starts anew, the disk's counter goes on.
        await Eventually.TrueAsync(async () => (await guest.GetStatusAsync(shared.Client, Token)).DiskCounter >= 20, "the disk counter grows");
        var before = await guest.GetStatusAsync(shared.Client, Token);
        await guest.ShutdownAsync(Token);
        Assert.Equal("shut off", (await shared.Aws.RunOrThrowAsync(["virsh", "domstate", guest.Definition.Name], cancellationToken: Token)).Trim());
        await guest.BootAsync(Token);
        GuestStatus? after = null;
        await Eventually.TrueAsync(async () => (after = await TryStatusAsync(guest)) is not null, "the guest answers after a restart");
        Assert.True(after!.DiskCounter >= before.DiskCounter, "the disk counter goes on after a restart");
        await guest.DeleteAsync(Token);
    }

    [LabFact]
    public async Task From_kernel_and_initramfs_with_an_address_by_DHCP()
    {
        await shared.Gcp.RunOrThrowAsync(["sh", "-ec", $"""
            systemd-run --quiet --unit=lab-dnsmasq dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --interface={GuestNetwork.Bridge} --bind-interfaces \
                --dhcp-range=10.99.0.132,10.99.0.132,10m --dhcp-option=option:mtu,{GuestNetwork.Mtu} --dhcp-host=52:54:00:99:00:20,10.99.0.132,named-by-dhcp --dhcp-leasefile=/run/lab-leases
            """], cancellationToken: Token);
        var guest = await LabGuest.StartAsync(shared.Lab, shared.Gcp, new GuestDefinition { Name = "leased", Number = 32, DirectKernel = true }, Token);
        Assert.Equal("blanket guest ready: named-by-dhcp 10.99.0.132", await guest.WaitUntilReadyAsync(Token));
        await Eventually.TrueAsync(async () => (await guest.GetStatusAsync(shared.Client, Token)).DiskCounter > 0, "the blank disk was formatted and counts");
        Assert.Contains("10.99.0.132", await shared.Gcp.RunOrThrowAsync(["cat", "/run/lab-leases"], cancellationToken: Token), StringComparison.Ordinal);
        await guest.DeleteAsync(Token);
        await shared.Gcp.RunOrThrowAsync(["systemctl", "stop", "lab-dnsmasq"], cancellationToken: Token);
    }

    [LabFact]
    public async Task Its_knobs_dirty_memory_and_disk()
    {
        var guest = await StartAsync(shared.OnPrem, 33);
        var idle = await DirtyRateAsync(guest);
        await guest.SetLoadAsync(shared.Client, memoryMiBps: 40, diskMiBps: 4, Token);
        var writtenBefore = await WrittenAsync(guest);
        Assert.InRange(await DirtyRateAsync(guest), idle + 8, 2000);
        await Eventually.TrueAsync(async () => await WrittenAsync(guest) > writtenBefore + (8L << 20), "8 MiB more are on the disk");
        await guest.SetLoadAsync(shared.Client, 0, 0, Token);
        var status = await guest.GetStatusAsync(shared.Client, Token);
        Assert.Equal((0, 0), (status.MemoryMiBps, status.DiskMiBps));
        await guest.DeleteAsync(Token);
    }

    [LabFact]
    [Trait("campaign", "yes")]
    public Task Two_guests_under_load_change_places_and_back_without_losing_anything()
        => Seeds.RunAsync("live-moves", few: 1, full: 20, async seed =>
        {
            Random random = new(seed);
            var guests = await Task.WhenAll(StartAsync(shared.Aws, 41), StartAsync(shared.Gcp, 42));
            try
            {
                foreach (var guest in guests)
                {
                    await guest.SetLoadAsync(shared.Client, memoryMiBps: random.Next(10), diskMiBps: random.Next(4), Token);
                }

                await using GuestLines firstLines = new(shared.Client, guests[0].Definition);
                await using GuestLines secondLines = new(shared.Client, guests[1].Definition);
                await ChangePlacesTwiceAsync(guests[0], firstLines, guests[1], secondLines);
            }
            catch
            {
                foreach (var guest in guests)
                {
                    TestContext.Current.TestOutputHelper!.WriteLine($"{guest.Name} on {guest.Host.Name}: {await guest.ReadConsoleAsync(Token)}");
                }

                throw;
            }
            finally
            {
                await Task.WhenAll(guests.Select(guest => guest.DeleteAsync(CancellationToken.None)));
            }
        });

    private async Task ChangePlacesTwiceAsync(LabGuest first, GuestLines firstLines, LabGuest second, GuestLines secondLines)
    {
        foreach (var (firstTarget, secondTarget) in ((LabHost, LabHost)[])[(shared.Gcp, shared.Aws), (shared.Aws, shared.Gcp)])
        {
            await firstLines.WaitForMoreAsync(cancellationToken: Token);
            await secondLines.WaitForMoreAsync(cancellationToken: Token);
            var before = (First: await first.GetStatusAsync(shared.Client, Token), Second: await second.GetStatusAsync(shared.Client, Token));

            await first.MigrateAsync(firstTarget, Token);
            await second.MigrateAsync(secondTarget, Token);

            // The same connections go on, with every number, and what was in memory and on disk came along.
            await firstLines.WaitForMoreAsync(cancellationToken: Token);
            await secondLines.WaitForMoreAsync(cancellationToken: Token);
            foreach (var (guest, old) in ((LabGuest, GuestStatus)[])[(first, before.First), (second, before.Second)])
            {
                Assert.Equal("running", (await guest.Host.RunOrThrowAsync(["virsh", "domstate", guest.Name], cancellationToken: Token)).Trim());
                Assert.InRange((await guest.GetStatusAsync(shared.Client, Token)).MemoryCounter, old.MemoryCounter + 1, long.MaxValue);
                await Eventually.TrueAsync(async () => (await guest.GetStatusAsync(shared.Client, Token)).DiskCounter > old.DiskCounter, "the disk counter goes on at the target");
            }

            Assert.DoesNotContain(first.Name, await secondTarget.RunOrThrowAsync(["virsh", "list", "--all", "--name"], cancellationToken: Token), StringComparison.Ordinal);
        }
    }

    private async Task<LabGuest> StartAsync(LabHost host, int number)
    {
        var guest = await LabGuest.StartAsync(shared.Lab, host, new GuestDefinition
        {
            Name = $"guest-{number}",
            Number = number,
            Seed = new GuestSeed($"guest-{number}", $"{GuestNetwork.GuestAddress(number)}/{GuestNetwork.PrefixLength}"),
        }, Token);
        await guest.WaitUntilReadyAsync(Token);
        return guest;
    }

    private async Task<GuestStatus?> TryStatusAsync(LabGuest guest)
    {
        try
        {
            return await guest.GetStatusAsync(shared.Client, Token);
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException { InnerException: TimeoutException })
        {
            return null; // not up yet
        }
    }

    // What QEMU itself says of the guest's memory, in MiB per second, over one second.
    private static async Task<int> DirtyRateAsync(LabGuest guest)
    {
        await MonitorAsync("""{"execute":"calc-dirty-rate","arguments":{"calc-time":1}}""");
        while (true)
        {
            using var answer = JsonDocument.Parse(await MonitorAsync("""{"execute":"query-dirty-rate"}"""));
            var result = answer.RootElement.GetProperty("return");
            if (result.GetProperty("status").GetString() == "measured")
            {
                return result.GetProperty("dirty-rate").GetInt32();
            }

            await Task.Delay(100, Token);
        }

        Task<string> MonitorAsync(string command) => guest.Host.RunOrThrowAsync(["virsh", "qemu-monitor-command", guest.Name, command], cancellationToken: Token);
    }

    private static async Task<long> WrittenAsync(LabGuest guest)
    {
        var text = await guest.Host.RunOrThrowAsync(["virsh", "domblkstat", guest.Name, "vda"], cancellationToken: Token);
        return long.Parse(text.Split('\n').First(line => line.Contains("wr_bytes", StringComparison.Ordinal)).Split(' ')[^1]);
    }
}
