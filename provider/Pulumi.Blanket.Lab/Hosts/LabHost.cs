using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Keeping;
using Pulumi.Blanket.Lab.Machine;

namespace Pulumi.Blanket.Lab.Hosts;

/// <summary>A host of a lab: a container with real systemd as its first process, reached over SSH as any machine is.</summary>
public sealed partial class LabHost
{
    /// <summary>Where a host sees the guest image; read-only.</summary>
    public const string GuestFolder = "/srv/blanket/guest";

    /// <summary>Where a bare host sees its package repository; read-only.</summary>
    public const string PackageFolder = "/srv/blanket/packages";

    private static readonly TimeSpan BootTimeout = TimeSpan.FromSeconds(180);

    private readonly Lab _lab;

    internal LabHost(Lab lab, HostDefinition definition)
    {
        _lab = lab;
        Definition = definition;
    }

    public HostDefinition Definition { get; }

    public string Name => Definition.Name;

    /// <summary>Its own IPv4 address: on the WAN, or in its private network behind NAT.</summary>
    public string Address => _lab.Plan.AddressOf(Definition);

    /// <summary>The key that its sshd proved itself with when the lab came up, as <c>ssh-ed25519 AAAA…</c>.</summary>
    public string PublicHostKey => string.Join(' ', File.ReadAllText(Path.Combine(FilesTree, "etc/ssh/ssh_host_ed25519_key.pub")).Split(' ')[..2]);

    /// <summary>True from the moment in which its systemd runs until it ends.</summary>
    public bool IsOn => FindLeader() is not null;

    /// <summary>Libvirt's address of the host for clients in the control namespace.</summary>
    public string LibvirtUri => $"qemu+ssh://{Name}/system?command={_lab.Folder}/ssh";

    /// <summary>libvirtd's socket as processes of the machine reach it, through the root of the host's first process; another path after each boot.</summary>
    /// <exception cref="LabException">The host is off.</exception>
    public string LibvirtSocketPath => PathInside("/run/libvirt/libvirt-sock");

    /// <summary>A path of the host as processes of the machine reach it, for as long as the host runs.</summary>
    /// <param name="path">Absolute, as on the host.</param>
    /// <exception cref="LabException">The host is off.</exception>
    public string PathInside(string path)
        => $"/proc/{(FindLeader() ?? throw new LabException(LabFailure.NotFound, $"the host '{Name}' is off")).Id}/root{path}";

    internal bool IsFrozen => Keeper.CgroupFolders(_lab.Cgroup, Name).Any(CgroupFreezer.IsFrozen);

    // There from the wish to boot until the host has ended.
    private bool IsActive => File.Exists(ActiveFile);

    private string ActiveFile => Path.Combine(Home, "active");

    private string Home => Path.Combine(_lab.Folder, "hosts", Name);

    private string FilesTree => Path.Combine(Home, "files");

    /// <summary>Runs a command on the host as root, without SSH: as from a console, also when sshd is dead or the network cut.</summary>
    /// <exception cref="LabException">The host is off.</exception>
    public Task<CommandResult> RunAsync(IReadOnlyList<string> command, string? input = null, CancellationToken cancellationToken = default)
    {
        var leader = ThrowIfOff();
        if (IsFrozen)
        {
            throw new LabException(LabFailure.Conflict, $"the host '{Name}' is frozen, nothing runs there; `blanket lab fault thaw {Name} host` lets it go on");
        }

        return CommandRunner.RunAsync("nsenter",
        [
            $"--target={leader.Id}", "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd", "--",
            "/usr/bin/env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive",
            .. command,
        ], input, cancellationToken);
    }

    /// <summary>As <see cref="RunAsync"/>, of a command that must succeed.</summary>
    /// <returns>Its output, without the last line break.</returns>
    public async Task<string> RunOrThrowAsync(IReadOnlyList<string> command, string? input = null, CancellationToken cancellationToken = default)
        => (await RunAsync(command, input, cancellationToken)).OutputOrThrow();

    /// <summary>As <see cref="RunAsync"/>, where the gateway of one of its networks is: from there its guests are reached.</summary>
    public Task<CommandResult> RunInNetworkAsync(uint vni, IReadOnlyList<string> command, CancellationToken cancellationToken = default)
        => RunAsync(["ip", "netns", "exec", string.Create(CultureInfo.InvariantCulture, $"blanket-{vni}"), .. command], cancellationToken: cancellationToken);

    /// <summary>A TCP connection made by this process from inside the host's network namespace.</summary>
    public Task<Socket> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken = default)
        => NetworkNamespace.ConnectAsync(_lab.Keeper.HostNamespacePath(Name), endPoint, cancellationToken);

    /// <summary>A TCP socket of this process that listens inside the host's network namespace, on a free port of all its addresses.</summary>
    public async Task<Socket> ListenAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var socket = await NetworkNamespace.CreateSocketAsync(_lab.Keeper.HostNamespacePath(Name));
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        socket.Listen();
        return socket;
    }

    internal async Task MakeAsync(string? bareLayer, string? repository, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Home);
        var publicKey = (await File.ReadAllTextAsync(_lab.PrivateKeyFile + ".pub", cancellationToken)).Trim();
        await HostFiles.WriteAsync(FilesTree, Definition, publicKey, cancellationToken);
        var lower = Definition.Bare ? $"{bareLayer}:/" : "/";
        await _lab.Keeper.RunScriptAsync("make-host.sh", [Home, Definition.StorageGiB.ToString(), lower], cancellationToken);

        List<string> arguments = [$"--bind-ro={_lab.GuestFolder}:{GuestFolder}", "--bind=/dev/net/tun"];
        if (Definition.Bare)
        {
            arguments.Add($"--bind-ro={repository}:{PackageFolder}");
        }

        if (File.Exists("/dev/kvm"))
        {
            arguments.Add("--bind=/dev/kvm");
        }

        await File.WriteAllTextAsync(Path.Combine(Home, "nspawn"), string.Join('\n', arguments) + "\n", cancellationToken);
        await WriteLinksAsync(cancellationToken);
    }

    /// <summary>What the keeper joins the host to the WAN with, at each boot.</summary>
    internal async Task WriteLinksAsync(CancellationToken cancellationToken)
    {
        var plan = _lab.Plan;
        await Lab.WriteWholeAsync(Path.Combine(Home, "ports"), string.Join('\n', plan.Ports(Name)) + "\n", cancellationToken);
        await Lab.WriteWholeAsync(Path.Combine(Home, "link.ip"), plan.Links(Name), cancellationToken);
        await Lab.WriteWholeAsync(Path.Combine(Home, "link.tc"), plan.Shaping(Name), cancellationToken);
        await Lab.WriteWholeAsync(Path.Combine(Home, "host.ip"), plan.Addresses(Name), cancellationToken);
    }

    private ProcessEntry ThrowIfOff()
        => FindLeader() ?? throw new LabException(LabFailure.NotFound, $"the host '{Name}' is off; `blanket lab fault start {Name}` boots it");

    /// <summary>The host's first process: its systemd.</summary>
    private ProcessEntry? FindLeader() => Processes().FirstOrDefault(process => process.InnerId == 1);

    // Of the processes in the host's control groups, those in its own process namespace: below the machine's and the lab's.
    private IEnumerable<ProcessEntry> Processes()
        => ProcessTable.Read().Where(process => process.Depth == 3 && process.Cgroups.Contains($"/blanket-lab/{_lab.Cgroup}/{Name}/", StringComparison.Ordinal));

    private async Task WaitUntilUpAsync(CancellationToken cancellationToken)
    {
        var deadline = Stopwatch.StartNew();
        while (!await AnswersSshAsync(cancellationToken))
        {
            if (!IsActive && deadline.Elapsed > TimeSpan.FromSeconds(1))
            {
                throw new LabException(LabFailure.UnmetRequirement, $"the host '{Name}' does not boot; systemd-nspawn said: {ConsoleTail()}");
            }

            if (deadline.Elapsed > BootTimeout)
            {
                throw new LabException(LabFailure.TimedOut, $"the host '{Name}' does not answer on SSH {BootTimeout.TotalSeconds:0} s after its start; its console says: {ConsoleTail()}");
            }

            await Task.Delay(20, cancellationToken);
        }

        if (!Definition.Bare)
        {
            await RunOrThrowAsync(["virsh", "--connect", "qemu:///system", "list", "--name"], cancellationToken: cancellationToken);
        }
    }

    private async Task<bool> AnswersSshAsync(CancellationToken cancellationToken)
    {
        if (!IsOn)
        {
            return false;
        }

        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(2));
            using var socket = await ConnectAsync(new IPEndPoint(IPAddress.Loopback, 22), limit.Token);
            var banner = new byte[4];
            var length = await socket.ReceiveAsync(banner, limit.Token);
            return length == 4 && Encoding.ASCII.GetString(banner) == "SSH-";
        }
        catch (Exception fault) when (fault is SocketException or IOException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private string ConsoleTail()
    {
        var path = Path.Combine(Home, "console.log");
        return File.Exists(path) && File.ReadAllLines(path) is { Length: > 0 } lines ? string.Join("\n  ", lines.TakeLast(8)) : "nothing";
    }
}
