using System.Net;
using System.Net.Sockets;
using Pulumi.Blanket.Files;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Lab.Tests;

/// <summary>What a host is: a machine of its own, of real parts, of which nothing reaches the machine underneath.</summary>
[Collection(nameof(QuietLab))]
public sealed class HostTests(QuietLab shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task A_host_runs_real_systemd_sshd_and_libvirtd()
    {
        foreach (var host in shared.Lab.Hosts)
        {
            Assert.Equal("systemd", await host.RunOrThrowAsync(["cat", "/proc/1/comm"], cancellationToken: Token));
            await Eventually.TrueAsync(async () => (await host.RunAsync(["systemctl", "is-system-running"], cancellationToken: Token)).Output.Trim() == "running", $"{host.Name} is running without a failed unit");
            Assert.Equal("active\nactive", await host.RunOrThrowAsync(["systemctl", "is-active", "ssh.service", "libvirtd.service"], cancellationToken: Token));
            var login = await shared.SshAsync(host, "hostname");
            Assert.Equal(host.Name, login.OutputOrThrow());
        }
    }

    [LabFact]
    public async Task Hosts_differ_in_all_that_names_a_machine()
    {
        async Task AssertDistinctAsync(string what, IReadOnlyList<string> command)
        {
            var values = await Task.WhenAll(shared.Lab.Hosts.Select(host => host.RunOrThrowAsync(command, cancellationToken: Token)));
            var own = (await CommandRunner.RunAsync(command[0], [.. command.Skip(1)], cancellationToken: Token)).Output.Trim();
            Assert.True(values.Append(own).Distinct().Count() == values.Length + 1, $"{what}: {string.Join(" | ", values)} and the machine's {own}");
        }

        await AssertDistinctAsync("host name", ["hostname"]);
        await AssertDistinctAsync("machine id", ["cat", "/etc/machine-id"]);
        await AssertDistinctAsync("host key", ["cat", "/etc/ssh/ssh_host_ed25519_key.pub"]);
        await AssertDistinctAsync("boot id", ["cat", "/proc/sys/kernel/random/boot_id"]);
        foreach (var kind in (string[])["net", "mnt", "uts", "ipc", "pid"])
        {
            await AssertDistinctAsync($"{kind} namespace", ["readlink", $"/proc/self/ns/{kind}"]);
        }

        var uuids = await Task.WhenAll(shared.Lab.Hosts.Select(host => host.RunOrThrowAsync(["sh", "-c", "virsh capabilities | grep -m1 '<uuid>'"], cancellationToken: Token)));
        Assert.Equal(uuids.Length, uuids.Distinct().Count());
    }

    [LabFact]
    public async Task An_account_and_a_package_on_one_host_are_on_no_other_and_not_on_the_machine()
    {
        await shared.Aws.RunOrThrowAsync(["useradd", "--create-home", "lab-traveller"], cancellationToken: Token);
        await shared.Aws.RunOrThrowAsync(["sh", "-ec", """
            mkdir -p /tmp/p/DEBIAN /tmp/p/usr/bin
            printf 'Package: lab-souvenir\nVersion: 1\nArchitecture: all\nMaintainer: lab <lab@example.org>\nDescription: a package of one file\n' > /tmp/p/DEBIAN/control
            printf '#!/bin/sh\necho from the lab\n' > /tmp/p/usr/bin/lab-souvenir
            chmod 755 /tmp/p/usr/bin/lab-souvenir
            dpkg-deb --build /tmp/p /tmp/lab-souvenir.deb
            dpkg -i /tmp/lab-souvenir.deb
            """], cancellationToken: Token);

        Assert.Equal("from the lab", await shared.Aws.RunOrThrowAsync(["lab-souvenir"], cancellationToken: Token));
        foreach (var program in (string[])["id lab-traveller", "dpkg -s lab-souvenir", "ls /usr/bin/lab-souvenir /home/lab-traveller"])
        {
            Assert.Equal(0, (await shared.Aws.RunAsync(["sh", "-c", program], cancellationToken: Token)).ExitCode);
            Assert.NotEqual(0, (await shared.Gcp.RunAsync(["sh", "-c", program], cancellationToken: Token)).ExitCode);
            Assert.NotEqual(0, (await CommandRunner.RunAsync("sh", ["-c", program], cancellationToken: Token)).ExitCode);
        }
    }

    [LabFact]
    public async Task A_host_sees_none_of_the_machines_private_files()
    {
        Assert.Equal(".ssh", await shared.Gcp.RunOrThrowAsync(["ls", "-A", "/root"], cancellationToken: Token));
        Assert.Equal("", await shared.Gcp.RunOrThrowAsync(["ls", "-A", "/home"], cancellationToken: Token));
        Assert.NotEqual(0, (await shared.Gcp.RunAsync(["ls", "/var/lib/blanket-lab"], cancellationToken: Token)).ExitCode);
        var folders = await shared.Gcp.RunOrThrowAsync(["ls", "/"], cancellationToken: Token);
        Assert.Subset(
            new HashSet<string>(["bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var"]),
            folders.Split('\n').ToHashSet());
    }

    [LabFact]
    public async Task Nobody_but_root_can_look_into_a_labs_folder()
    {
        var look = await CommandRunner.RunAsync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "ls", shared.Lab.Folder], cancellationToken: Token);
        Assert.Contains("Permission denied", look.Error, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(shared.Lab.Folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(shared.Lab.PrivateKeyFile));
    }

    [LabFact]
    public async Task A_host_can_not_set_the_machines_clock_or_load_modules()
    {
        var clock = await shared.SshAsync(shared.Aws, "date", "--set", "@1000000000");
        Assert.Contains("Operation not permitted", clock.Error, StringComparison.Ordinal);

        // Bits 16 and 25 of what systemd there may ever have: CAP_SYS_MODULE and CAP_SYS_TIME.
        var status = await shared.Aws.RunOrThrowAsync(["grep", "CapBnd", "/proc/1/status"], cancellationToken: Token);
        Assert.Equal(0UL, Convert.ToUInt64(status.Split('\t')[1], 16) & ((1UL << 16) | (1UL << 25)));
    }

    [LabFact]
    public async Task A_verb_inside_a_lab_is_refused()
    {
        foreach (var verb in (string[])["status", "up", "down"])
        {
            var inside = shared.Lab.ControlCommand(Environment.CurrentDirectory, ["dotnet", Path.Combine(AppContext.BaseDirectory, "blanket.dll"), "lab", verb, shared.Lab.Name]);
            var run = await CommandRunner.RunAsync(inside.Program, inside.Arguments, cancellationToken: Token);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains("runs inside a lab", run.Error, StringComparison.Ordinal);
        }
    }

    [LabFact]
    public async Task Storage_has_the_given_size()
    {
        var kib = long.Parse(await shared.Hidden.RunOrThrowAsync(["sh", "-c", "df --output=size -k / | tail -1"], cancellationToken: Token));
        Assert.InRange(kib, 900 * 1024, 1024 * 1024);
    }

    [LabFact]
    public async Task Nothing_leaves_the_lab_and_nothing_of_it_is_in_the_machines_network()
    {
        // The machine listens on all its addresses; no host may reach it on any of them.
        using TcpListener listener = new(IPAddress.Any, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var addresses = System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(address => address.Address)
            .Where(address => address.AddressFamily == AddressFamily.InterNetwork).ToList();
        foreach (var address in addresses)
        {
            string[] attempt = ["timeout", "1", "bash", "-c", $"exec 3<>/dev/tcp/{address}/{port}"];
            var attempts = await Task.WhenAll(
                shared.Aws.RunAsync(attempt, cancellationToken: Token), shared.Hidden.RunAsync(attempt, cancellationToken: Token), shared.Lab.RunAsync(attempt, cancellationToken: Token));
            Assert.All(attempts.Where(_ => !IPAddress.IsLoopback(address)), result => Assert.NotEqual(0, result.ExitCode));
        }

        Assert.False(listener.Pending());
        Assert.DoesNotContain(Traces.MachineNetwork(), name => name is "wan" or "p1" || name.Contains("aws-1", StringComparison.Ordinal) || name.Contains("onprem", StringComparison.Ordinal));
    }

    [LabFact]
    public async Task Clients_run_in_the_control_namespace_from_their_own_folder()
    {
        var run = await BlanketCommand.RunAsync("lab", "exec", shared.Lab.Name, "--", "sh", "-c", "ip -brief address show wan; pwd; exit 7");
        Assert.Contains("198.18.0.1/24", run.Output, StringComparison.Ordinal);
        Assert.Contains(Environment.CurrentDirectory, run.Output, StringComparison.Ordinal);
        Assert.Equal(7, run.ExitCode);

        var ssh = await BlanketCommand.RunAsync("lab", "ssh", "gcp-1", "--lab", shared.Lab.Name, "--", "hostname");
        Assert.Equal("gcp-1\n", ssh.Output);
    }

    [LabFact]
    public async Task Status_shows_hosts_links_and_guests()
    {
        var status = await BlanketCommand.RunAsync("lab", "status", shared.Lab.Name);
        Assert.Equal(0, status.ExitCode);
        foreach (var expected in (string[])["aws-1", "eu-central-1", "198.18.0.12", "1000 Mbit/s", "behind onprem-1", "of 8 GiB", "on", "none"])
        {
            Assert.Contains(expected, status.Output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain('\u001b', status.Output);
    }
}
