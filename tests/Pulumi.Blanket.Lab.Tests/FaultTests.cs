using System.Net;
using System.Net.Sockets;
using Pulumi.Blanket.Lab.Guests;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Lab.Tests;

/// <summary>Every fault does what it says, and can be taken back.</summary>
[Collection(nameof(FaultyLab))]
public sealed class FaultTests(FaultyLab shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task Killed_sshd_drops_its_connections_and_is_started_again_by_systemd()
    {
        using var connection = await shared.Lab.ConnectAsync(new IPEndPoint(IPAddress.Parse(shared.Aws.Address), 22), Token);
        Assert.True(await connection.ReceiveAsync(new byte[256], Token) > 0);
        await shared.Aws.KillAsync(FaultTarget.Sshd, Token);

        // The peer is gone: an end of the stream, or a reset.
        Assert.Equal(0, await ReceiveAsync(connection));
        await Eventually.TrueAsync(async () => (await shared.SshAsync(shared.Aws, "true")).ExitCode == 0, "sshd is back");
    }

    [LabFact]
    public async Task Frozen_sshd_accepts_connections_and_says_nothing_until_it_is_thawed()
    {
        await shared.Aws.FreezeAsync(FaultTarget.Sshd, Token);
        using var connection = await shared.Lab.ConnectAsync(new IPEndPoint(IPAddress.Parse(shared.Aws.Address), 22), Token);
        var banner = connection.ReceiveAsync(new byte[256], Token).AsTask();
        Assert.NotSame(banner, await Task.WhenAny(banner, Task.Delay(500, Token)));
        await shared.Aws.ThawAsync(FaultTarget.Sshd, Token);
        Assert.True(await banner.WaitAsync(TimeSpan.FromSeconds(20), Token) > 0);
    }

    /// <summary>The keeper reads the names of hosts to boot a character at a time, and looks once a second whether its owner is there: on a busy machine that fell into the middle of a name.</summary>
    [LabFact]
    public async Task A_host_boots_whose_name_comes_in_two_parts()
    {
        await shared.Gcp.KillAsync(FaultTarget.Host, Token);
        var folder = Path.Combine(shared.Lab.Folder, "hosts", shared.Gcp.Name);
        await Eventually.TrueAsync(() => Task.FromResult(!File.Exists(Path.Combine(folder, "active"))), "it is off");
        await File.WriteAllTextAsync(Path.Combine(folder, "power"), "on", Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "active"), "", Token);
        var control = Path.Combine(shared.Lab.Folder, "control");
        await File.AppendAllTextAsync(control, shared.Gcp.Name[..2], Token);
        await Task.Delay(1500, Token); // longer than the keeper reads
        await File.AppendAllTextAsync(control, shared.Gcp.Name[2..] + "\n", Token);
        await shared.Gcp.StartAsync(Token);
    }

    [LabFact]
    public async Task Killed_libvirtd_comes_back_and_its_guest_never_stopped()
    {
        var guest = await StartGuestAsync(shared.Gcp, 21);
        var before = await guest.GetStatusAsync(shared.Client, Token);
        var libvirtd = await PidAsync();
        await shared.Gcp.KillAsync(FaultTarget.Libvirtd, Token);
        await Eventually.TrueAsync(async () => (await shared.Gcp.RunAsync(["virsh", "domstate", guest.Name], cancellationToken: Token)).Output.Trim() == "running", "libvirtd knows the guest again");
        Assert.NotEqual(libvirtd, await PidAsync());
        Assert.True((await guest.GetStatusAsync(shared.Client, Token)).MemoryCounter > before.MemoryCounter);
        await guest.DeleteAsync(Token);

        Task<string> PidAsync() => shared.Gcp.RunOrThrowAsync(["systemctl", "show", "--property=MainPID", "libvirtd.service"], cancellationToken: Token);
    }

    [LabFact]
    public async Task Frozen_libvirtd_answers_nobody_until_it_is_thawed()
    {
        await shared.Gcp.FreezeAsync(FaultTarget.Libvirtd, Token);
        Assert.Equal(124, (await shared.Gcp.RunAsync(["timeout", "1", "virsh", "list"], cancellationToken: Token)).ExitCode);
        await shared.Gcp.ThawAsync(FaultTarget.Libvirtd, Token);
        await shared.Gcp.RunOrThrowAsync(["timeout", "20", "virsh", "list"], cancellationToken: Token);
    }

    [LabFact]
    public async Task One_QEMU_is_frozen_and_killed_and_the_other_does_not_notice()
    {
        var guests = await Task.WhenAll(StartGuestAsync(shared.OnPrem, 22), StartGuestAsync(shared.OnPrem, 23));
        var (victim, other) = (guests[0], guests[1]);
        var before = await victim.GetStatusAsync(shared.Client, Token);
        await victim.Host.FreezeAsync(FaultTarget.Qemu(victim.Name), Token);
        using (var soon = CancellationTokenSource.CreateLinkedTokenSource(Token))
        {
            soon.CancelAfter(700);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => victim.GetStatusAsync(shared.Client, soon.Token));
        }

        await other.GetStatusAsync(shared.Client, Token);
        await victim.Host.ThawAsync(FaultTarget.Qemu(victim.Name), Token);
        var after = await victim.GetStatusAsync(shared.Client, Token);
        Assert.InRange(after.MemoryCounter, before.MemoryCounter + 1, long.MaxValue);

        await victim.Host.KillAsync(FaultTarget.Qemu(victim.Name), Token);
        await Eventually.TrueAsync(async () => (await victim.Host.RunOrThrowAsync(["virsh", "domstate", victim.Name], cancellationToken: Token)).Trim() == "shut off", "the killed guest is shut off");
        Assert.Equal("running", (await other.Host.RunOrThrowAsync(["virsh", "domstate", other.Name], cancellationToken: Token)).Trim());
        await victim.DeleteAsync(Token);
        await other.DeleteAsync(Token);
    }

    [LabFact]
    public async Task A_killed_host_is_gone_until_it_is_started_and_keeps_its_disk()
    {
        await shared.Gcp.RunOrThrowAsync(["sh", "-c", "echo kept > /root/kept; sync /root/kept"], cancellationToken: Token);
        await shared.Gcp.KillAsync(FaultTarget.Host, Token);
        Assert.False(shared.Gcp.IsOn);
        Assert.NotEqual(0, (await shared.SshAsync(shared.Gcp, "true")).ExitCode);
        Assert.Contains("off", (await BlanketCommand.RunAsync("lab", "status", shared.Lab.Name)).Output, StringComparison.Ordinal);
        var refused = await BlanketCommand.RunAsync("lab", "fault", "freeze", "gcp-1", "host", "--lab", shared.Lab.Name);
        Assert.Equal(2, refused.ExitCode);

        await shared.Gcp.StartAsync(Token);
        Assert.Equal("kept", (await shared.SshAsync(shared.Gcp, "cat", "/root/kept")).OutputOrThrow());
        await GuestNetwork.JoinAsync(shared.Lab, Token);
    }

    [LabFact]
    public async Task A_frozen_host_answers_nothing_and_goes_on_where_it_was()
    {
        var since = await shared.Aws.RunOrThrowAsync(["stat", "--format=%Y", "/proc/1"], cancellationToken: Token);
        await shared.Aws.FreezeAsync(FaultTarget.Host, Token);
        Assert.NotEqual(0, (await shared.SshAsync(shared.Aws, "true")).ExitCode);
        var login = await BlanketCommand.RunAsync("lab", "fault", "refuse-login", "aws-1", "--lab", shared.Lab.Name);
        Assert.Contains("is frozen, nothing runs there", login.Error, StringComparison.Ordinal);
        Assert.Contains("frozen", (await BlanketCommand.RunAsync("lab", "status", shared.Lab.Name)).Output, StringComparison.Ordinal);
        await shared.Aws.ThawAsync(FaultTarget.Host, Token);
        (await shared.SshAsync(shared.Aws, "true")).OutputOrThrow();
        Assert.Equal(since, await shared.Aws.RunOrThrowAsync(["stat", "--format=%Y", "/proc/1"], cancellationToken: Token));
    }

    [LabFact]
    public async Task A_reboot_ends_processes_and_devices_keeps_disks_and_starts_enabled_units()
    {
        await shared.Gcp.RunOrThrowAsync(["sh", "-ec", """
            printf '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n' > /etc/systemd/system/lab-enabled.service
            sed /Install/,\$d /etc/systemd/system/lab-enabled.service > /etc/systemd/system/lab-started.service
            systemctl daemon-reload
            systemctl enable --now lab-enabled.service
            systemctl start lab-started.service
            ip link add lab-bridge type bridge
            echo x > /run/lab-volatile
            echo x > /root/lab-kept
            sync
            """], cancellationToken: Token);
        var boot = await BootIdAsync();
        await shared.Gcp.RebootAsync(Token);

        Assert.NotEqual(boot, await BootIdAsync());
        Assert.Equal("active\ninactive", (await shared.Gcp.RunAsync(["systemctl", "is-active", "lab-enabled.service", "lab-started.service"], cancellationToken: Token)).Output.Trim());
        Assert.NotEqual(0, (await shared.Gcp.RunAsync(["ip", "link", "show", "lab-bridge"], cancellationToken: Token)).ExitCode);
        Assert.NotEqual(0, (await shared.Gcp.RunAsync(["ls", "/run/lab-volatile"], cancellationToken: Token)).ExitCode);
        await shared.Gcp.RunOrThrowAsync(["ls", "/root/lab-kept"], cancellationToken: Token);
        Assert.Equal("gcp-1", (await shared.SshAsync(shared.Gcp, "hostname")).OutputOrThrow());

        // And the same when the host asks for it itself.
        boot = await BootIdAsync();
        await shared.SshAsync(shared.Gcp, "systemctl", "reboot");
        await Eventually.TrueAsync(async () => await shared.SshAsync(shared.Gcp, "cat", "/proc/sys/kernel/random/boot_id") is { ExitCode: 0 } now && now.Output.Trim() != boot, "the host rebooted itself");
        await GuestNetwork.JoinAsync(shared.Lab, Token);

        Task<string> BootIdAsync() => shared.Gcp.RunOrThrowAsync(["cat", "/proc/sys/kernel/random/boot_id"], cancellationToken: Token);
    }

    [LabFact]
    public async Task A_full_disk_takes_nothing_more_until_it_is_freed()
    {
        await shared.Hidden.FillDiskAsync(cancellationToken: Token);
        var write = await shared.Hidden.RunAsync(["dd", "if=/dev/zero", "of=/root/more", "bs=64K", "count=1"], cancellationToken: Token);
        Assert.Contains("No space left on device", write.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, write.ExitCode);
        await shared.Hidden.FreeDiskAsync(Token);
        await shared.Hidden.RunOrThrowAsync(["dd", "if=/dev/zero", "of=/root/more", "bs=64K", "count=1"], cancellationToken: Token);
    }

    [LabFact]
    public async Task A_refused_login_is_refused_until_it_is_allowed()
    {
        await shared.Aws.RefuseLoginAsync(Token);
        try
        {
            var login = await shared.SshAsync(shared.Aws, "true");
            Assert.Contains("Permission denied", login.Error, StringComparison.Ordinal);
        }
        finally
        {
            await shared.Aws.AllowLoginAsync(Token);
        }

        await Eventually.TrueAsync(async () => (await shared.SshAsync(shared.Aws, "true")).ExitCode == 0, "logins are let in again");
    }

    [LabFact]
    public async Task A_changed_host_key_makes_clients_refuse_the_host()
    {
        var key = await shared.Aws.ChangeHostKeyAsync(Token);
        try
        {
            Assert.NotEqual(shared.Aws.PublicHostKey, key);
            Assert.Contains("REMOTE HOST IDENTIFICATION HAS CHANGED", (await shared.SshAsync(shared.Aws, "true")).Error, StringComparison.Ordinal);
        }
        finally
        {
            await shared.Aws.RestoreHostKeyAsync(Token);
        }

        (await shared.SshAsync(shared.Aws, "true")).OutputOrThrow();
    }

    [LabFact]
    public async Task Another_machine_answers_at_a_hosts_address()
    {
        await shared.Gcp.TakeAddressAsync(shared.Aws, Token);
        try
        {
            Assert.Contains("REMOTE HOST IDENTIFICATION HAS CHANGED", (await shared.SshAsync(shared.Aws, "true")).Error, StringComparison.Ordinal);
            var trusting = await shared.Lab.RunAsync(["ssh", "-F", shared.Lab.SshConfigFile, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "aws-1", "hostname"], cancellationToken: Token);
            Assert.Equal("gcp-1", trusting.OutputOrThrow());
            Assert.Equal("gcp-1", (await shared.SshAsync(shared.Gcp, "hostname")).OutputOrThrow());

            // A third one takes it from the second, which then no longer answers there.
            await shared.OnPrem.TakeAddressAsync(shared.Aws, Token);
            Assert.DoesNotContain(shared.Aws.Address, await shared.Gcp.RunOrThrowAsync(["ip", "-brief", "address", "show", "eth0"], cancellationToken: Token), StringComparison.Ordinal);
            Assert.Contains(shared.Aws.Address, await shared.OnPrem.RunOrThrowAsync(["ip", "-brief", "address", "show", "eth0"], cancellationToken: Token), StringComparison.Ordinal);
        }
        finally
        {
            await shared.Aws.RestoreAddressAsync(Token);
        }

        Assert.Equal("aws-1", (await shared.SshAsync(shared.Aws, "hostname")).OutputOrThrow());
    }

    [LabFact]
    public async Task A_fault_of_what_is_not_there_says_so()
    {
        var qemu = await BlanketCommand.RunAsync("lab", "fault", "kill", "aws-1", "qemu:nobody", "--lab", shared.Lab.Name);
        Assert.Equal(2, qemu.ExitCode);
        Assert.Contains("no process of qemu:nobody runs on the host 'aws-1'", qemu.Error, StringComparison.Ordinal);

        var host = await BlanketCommand.RunAsync("lab", "fault", "reboot", "aws-9", "--lab", shared.Lab.Name);
        Assert.Equal(2, host.ExitCode);
        Assert.Contains("no host 'aws-9'; it has aws-1, gcp-1, onprem-1, onprem-2", host.Error, StringComparison.Ordinal);

        var target = await BlanketCommand.RunAsync("lab", "fault", "kill", "aws-1", "nginx", "--lab", shared.Lab.Name);
        Assert.Equal(2, target.ExitCode);
        Assert.Contains("use sshd, libvirtd, qemu:DOMAIN or host", target.Error, StringComparison.Ordinal);
    }

    private static async Task<int> ReceiveAsync(Socket connection)
    {
        try
        {
            return await connection.ReceiveAsync(new byte[256], Token);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private async Task<LabGuest> StartGuestAsync(LabHost host, int number)
    {
        GuestDefinition definition = new()
        {
            Name = $"fault-{number}",
            Number = number,
            Seed = new GuestSeed($"fault-{number}", $"{GuestNetwork.GuestAddress(number)}/{GuestNetwork.PrefixLength}"),
        };
        var guest = await LabGuest.StartAsync(shared.Lab, host, definition, Token);
        await guest.WaitUntilReadyAsync(Token);
        return guest;
    }
}
