using System.Diagnostics;
using Pulumi.Blanket.Lab.Keeping;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Network;

namespace Pulumi.Blanket.Lab.Hosts;

public sealed partial class LabHost
{
    private const string RefusalFile = "/etc/ssh/sshd_config.d/00-lab-refuse.conf";
    private const string HostKeyFile = "/etc/ssh/ssh_host_ed25519_key";
    private const string MuteTable = "lab-mute";
    private const string FillFile = "/var/lib/lab-fill";

    /// <summary>
    /// Kills with SIGKILL: all of sshd (its sessions too), libvirtd, the QEMU of one domain, or the whole host. systemd starts
    /// services again as their units say; a host stays off until <see cref="StartAsync"/>.
    /// </summary>
    public async Task KillAsync(FaultTarget target, CancellationToken cancellationToken = default)
    {
        if (target.IsHost)
        {
            await PowerOffAsync(cancellationToken);
            return;
        }

        SignalAll(target, ProcessTable.Kill);
    }

    /// <summary>Stops all processes of the target where they are: connections stay open and nothing answers.</summary>
    public async Task FreezeAsync(FaultTarget target, CancellationToken cancellationToken = default)
    {
        SetFrozen(target, frozen: true);
        if (target.IsHost)
        {
            await WaitForAsync(() => IsFrozen, "it is not frozen", cancellationToken);
        }
    }

    /// <summary>Lets what was frozen go on.</summary>
    public Task ThawAsync(FaultTarget target, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SetFrozen(target, frozen: false);
        return Task.CompletedTask;
    }

    /// <summary>Drops what this host sends to another one, from now on: what that one sends still arrives.</summary>
    public Task MuteAsync(LabHost peer, CancellationToken cancellationToken = default) => RunOrThrowAsync(["nft", "-f", "-"],
        $"table inet {MuteTable} {{ chain out {{ type filter hook output priority -300; ip daddr {peer.Address} drop; }}; chain on {{ type filter hook forward priority -300; ip daddr {peer.Address} drop; }}; }}\n", cancellationToken);

    /// <summary>Takes that back.</summary>
    public Task UnmuteAsync(CancellationToken cancellationToken = default) => RunOrThrowAsync(["nft", "delete", "table", "inet", MuteTable], cancellationToken: cancellationToken);

    /// <summary>Boots a host that is off, and waits until it answers. Does nothing to one that is on.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        using (await LockPowerAsync(cancellationToken))
        {
            await StartLockedAsync(cancellationToken);
        }
    }

    /// <summary>Pulls the plug and boots again: processes and what was in memory are gone, disks stay. Waits until the host answers.</summary>
    public async Task RebootAsync(CancellationToken cancellationToken = default)
    {
        using (await LockPowerAsync(cancellationToken))
        {
            if (FindLeader() is { } leader)
            {
                await SetPowerAsync("reset", cancellationToken);
                Thaw();
                ProcessTable.Signal(leader.Id, ProcessTable.Kill);
                await WaitForAsync(() => ProcessTable.Find(leader.Id) is null, "its first process does not end", cancellationToken);
                await WaitUntilUpAsync(cancellationToken);
            }
            else
            {
                await StartLockedAsync(cancellationToken);
            }
        }
    }

    /// <summary>Takes up the host's free disk space but for about <paramref name="leaveMiB"/> MiB; with 0, to the last block.</summary>
    public async Task FillDiskAsync(int leaveMiB = 0, CancellationToken cancellationToken = default)
    {
        if (leaveMiB < 0)
        {
            throw new LabException(LabFailure.InvalidInput, $"what a full disk leaves is 0 MiB or more, not {leaveMiB}");
        }

        await FreeDiskAsync(cancellationToken);
        var available = await RunOrThrowAsync(["df", "--output=avail", "--block-size=1M", "/"], cancellationToken: cancellationToken);
        var size = long.Parse(available.Split('\n')[^1]) - leaveMiB;
        // A file needs some blocks for itself, so the whole of what is free is too much.
        while (size > 0 && (await RunAsync(["fallocate", "--length", $"{size}MiB", FillFile], cancellationToken: cancellationToken)).ExitCode != 0)
        {
            size -= 4;
        }

        if (leaveMiB == 0)
        {
            await RunAsync(["dd", "if=/dev/zero", $"of={FillFile}.rest", "bs=4096", "status=none"], cancellationToken: cancellationToken);
        }
    }

    /// <summary>Gives back what <see cref="FillDiskAsync"/> took.</summary>
    public async Task FreeDiskAsync(CancellationToken cancellationToken = default)
        => await RunOrThrowAsync(["rm", "-f", FillFile, $"{FillFile}.rest"], cancellationToken: cancellationToken);

    /// <summary>From now on sshd lets nobody in, whatever the key.</summary>
    public async Task RefuseLoginAsync(CancellationToken cancellationToken = default)
    {
        await RunOrThrowAsync(["tee", RefusalFile], "DenyUsers *\n", cancellationToken);
        await RestartSshdAsync(cancellationToken);
    }

    /// <summary>sshd lets in again who has a key.</summary>
    public async Task AllowLoginAsync(CancellationToken cancellationToken = default)
    {
        await RunOrThrowAsync(["rm", "-f", RefusalFile], cancellationToken: cancellationToken);
        await RestartSshdAsync(cancellationToken);
    }

    /// <summary>Gives sshd another host key. Clients that remember the old one, the lab's own included, have to refuse the host.</summary>
    /// <returns>The new public key, as <c>ssh-ed25519 AAAA…</c>.</returns>
    public async Task<string> ChangeHostKeyAsync(CancellationToken cancellationToken = default)
    {
        await RunOrThrowAsync(["rm", "-f", HostKeyFile, $"{HostKeyFile}.pub"], cancellationToken: cancellationToken);
        await RunOrThrowAsync(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", HostKeyFile], cancellationToken: cancellationToken);
        await RestartSshdAsync(cancellationToken);
        return string.Join(' ', (await RunOrThrowAsync(["cat", $"{HostKeyFile}.pub"], cancellationToken: cancellationToken)).Split(' ')[..2]);
    }

    /// <summary>Gives sshd the host key back that it had when the lab came up.</summary>
    public async Task RestoreHostKeyAsync(CancellationToken cancellationToken = default)
    {
        var key = await File.ReadAllTextAsync(Path.Combine(FilesTree, HostKeyFile[1..]), cancellationToken);
        await RunOrThrowAsync(["tee", HostKeyFile], key, cancellationToken);
        await RunOrThrowAsync(["tee", $"{HostKeyFile}.pub"], PublicHostKey + "\n", cancellationToken);
        await RestartSshdAsync(cancellationToken);
    }

    /// <summary>
    /// This host answers at <paramref name="owner"/>'s address from now on, beside its own, and the owner no longer does: as when a
    /// cloud gives a dead machine's address to a new one. Lasts over reboots of both.
    /// </summary>
    public async Task TakeAddressAsync(LabHost owner, CancellationToken cancellationToken = default)
    {
        if (owner.Name == Name || owner.Definition.Behind is not null || Definition.Behind is not null)
        {
            throw new LabException(LabFailure.InvalidInput, $"'{Name}' can't take the address of '{owner.Name}': both have to be different hosts on the WAN itself");
        }

        await _lab.ChangeWanAsync(wan => wan.TakenAddresses[owner.Name] = Name, ApplyAddressesAsync, cancellationToken);
    }

    /// <summary>The host has its address back, and who took it no longer answers there.</summary>
    public async Task RestoreAddressAsync(CancellationToken cancellationToken = default)
    {
        await _lab.ChangeWanAsync(wan => wan.TakenAddresses.Remove(Name), ApplyAddressesAsync, cancellationToken);
    }

    // Not a reload: that returns before sshd has read its configuration, and closes its socket for a moment after. Sessions stay.
    private async Task RestartSshdAsync(CancellationToken cancellationToken)
        => await RunOrThrowAsync(["systemctl", "restart", "ssh.service"], cancellationToken: cancellationToken);

    private Task<LabLock> LockPowerAsync(CancellationToken cancellationToken) => LabLock.TakeAsync($"{Home}/power", cancellationToken);

    private async Task StartLockedAsync(CancellationToken cancellationToken)
    {
        // It may be in between: booting, or rebooting by its own wish.
        await WaitForAsync(() => IsOn || !IsActive, "its last boot has not ended", cancellationToken);
        if (!IsOn)
        {
            await StandOnChangedPackagesAsync(cancellationToken);
            await SetPowerAsync("on", cancellationToken);
            await File.WriteAllTextAsync(ActiveFile, "", cancellationToken);
            await File.AppendAllTextAsync(Path.Combine(_lab.Folder, "control"), Name + "\n", cancellationToken);
        }

        await WaitUntilUpAsync(cancellationToken);
    }

    // Of all hosts on the WAN: first away what no longer is, so that no two answer at one address.
    private async Task ApplyAddressesAsync(CancellationToken cancellationToken)
    {
        var hosts = _lab.Hosts.Where(host => host.Definition.Behind is null).ToList();
        foreach (var host in hosts)
        {
            await host.WriteLinksAsync(cancellationToken);
        }

        var all = hosts.Select(host => host.Address).ToList();
        var on = hosts.Where(host => host.IsOn).Select(host => (host.Name, Answered: _lab.Plan.AnsweredAddresses(host.Definition))).ToList();
        foreach (var (host, answered) in on)
        {
            foreach (var address in all.Except(answered))
            {
                // Fails where it is not there, which is as well.
                await _lab.RunAsync(["ip", "-netns", host, "address", "delete", $"{address}/24", "dev", "eth0"], cancellationToken: cancellationToken);
            }
        }

        foreach (var (host, answered) in on)
        {
            foreach (var address in answered)
            {
                (await _lab.RunAsync(["ip", "-netns", host, "address", "replace", $"{address}/24", "dev", "eth0"], cancellationToken: cancellationToken)).OutputOrThrow();
            }

            (await _lab.RunAsync(["ip", "-netns", host, "route", "replace", "default", "via", WanPlan.ControlAddress, "dev", "eth0", "onlink"], cancellationToken: cancellationToken)).OutputOrThrow();
            foreach (var address in answered)
            {
                // All others learn at once who answers there now.
                await _lab.RunAsync(["ip", "netns", "exec", host, "busybox", "arping", "-U", "-c", "1", "-w", "1", "-I", "eth0", address], cancellationToken: cancellationToken);
            }
        }
    }

    private async Task PowerOffAsync(CancellationToken cancellationToken)
    {
        using (await LockPowerAsync(cancellationToken))
        {
            await SetPowerAsync("off", cancellationToken);
            Thaw();
            await WaitForAsync(() =>
            {
                // Again and again: it may be only just booting.
                if (FindLeader() is { } leader)
                {
                    ProcessTable.Signal(leader.Id, ProcessTable.Kill);
                }

                return !IsActive;
            }, "it does not end", cancellationToken);
        }
    }

    private Task SetPowerAsync(string power, CancellationToken cancellationToken)
        => File.WriteAllTextAsync(Path.Combine(Home, "power"), power + "\n", cancellationToken);

    private void SetFrozen(FaultTarget target, bool frozen)
    {
        ThrowIfOff();
        if (!target.IsHost)
        {
            SignalAll(target, frozen ? ProcessTable.Stop : ProcessTable.Continue);
        }
        else if (!frozen)
        {
            Thaw();
        }
        else if (!Keeper.CgroupFolders(_lab.Cgroup, Name).Select(CgroupFreezer.Freeze).ToList().Contains(true))
        {
            throw new LabException(LabFailure.UnmetRequirement, "a host can't be frozen: the kernel offers neither the freezer of control groups version 1 nor cgroup.freeze of version 2");
        }
    }

    private void Thaw()
    {
        foreach (var folder in Keeper.CgroupFolders(_lab.Cgroup, Name))
        {
            CgroupFreezer.Thaw(folder);
        }
    }

    private void SignalAll(FaultTarget target, int signal)
    {
        ThrowIfOff();
        var processes = Processes().Where(process => target.Domain is { } domain ? process.InnerId == FindQemu(domain) : process.Program == target.Program).ToList();
        if (processes.Count == 0)
        {
            throw new LabException(LabFailure.NotFound, $"no process of {target} runs on the host '{Name}'");
        }

        foreach (var process in processes)
        {
            ProcessTable.Signal(process.Id, signal);
        }
    }

    // libvirt writes each QEMU's number, as the host sees it, to a file of its own.
    private int FindQemu(string domain)
    {
        var leader = FindLeader();
        var file = $"/proc/{leader?.Id}/root/run/libvirt/qemu/{domain}.pid";
        return leader is not null && File.Exists(file) && int.TryParse(File.ReadAllText(file), out var id) ? id : 0;
    }

    private async Task WaitForAsync(Func<bool> condition, string otherwise, CancellationToken cancellationToken)
    {
        var deadline = Stopwatch.StartNew();
        while (!condition())
        {
            if (deadline.Elapsed > TimeSpan.FromSeconds(30))
            {
                throw new LabException(LabFailure.TimedOut, $"the host '{Name}': {otherwise} after 30 s");
            }

            await Task.Delay(10, cancellationToken);
        }
    }
}
