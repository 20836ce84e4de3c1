using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Pulumi.Blanket.Lab.Cache;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Keeping;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Network;
using Pulumi.Blanket.Lab.Requirements;

namespace Pulumi.Blanket.Lab;

/// <summary>
/// Several clouds on this machine, of real parts: each host a container with its own root, systemd, sshd and libvirtd, joined by a WAN
/// whose links can be shaped and cut. See <see cref="UpAsync"/>, <see cref="OpenAsync"/> and <see cref="DownAsync"/>.
/// </summary>
public sealed partial class Lab
{
    private const string RecordFile = "lab.json";
    private const string WanFile = "wan.json";

    private readonly LabRecord _record;

    private Lab(LabPaths paths, LabRecord record, Keeper keeper)
    {
        _record = record;
        Folder = paths.Lab(record.Definition.Name);
        Cgroup = paths.UniqueName(record.Definition.Name);
        Keeper = keeper;
        Hosts = [.. record.Definition.Hosts.Select(host => new LabHost(this, host))];
    }

    public LabDefinition Definition => _record.Definition;

    public string Name => Definition.Name;

    public IReadOnlyList<LabHost> Hosts { get; }

    /// <summary>The lab's folder on the machine: keys, <c>known_hosts</c>, <c>ssh_config</c> and the hosts' disks.</summary>
    public string Folder { get; }

    /// <summary>Folder with <c>guest.qcow2</c>, <c>vmlinuz</c> and <c>initrd</c>; hosts see it as <see cref="LabHost.GuestFolder"/>.</summary>
    public string GuestFolder => _record.GuestFolder;

    /// <summary>Private key (OpenSSH, ed25519, without passphrase) that logs in as root on every host.</summary>
    public string PrivateKeyFile => Path.Combine(Folder, "id_ed25519");

    /// <summary>The hosts' keys, by address.</summary>
    public string KnownHostsFile => Path.Combine(Folder, "known_hosts");

    /// <summary>For <c>ssh -F</c>: every host by its name, jumps included.</summary>
    public string SshConfigFile => Path.Combine(Folder, "ssh_config");

    internal Keeper Keeper { get; }

    /// <summary>The lab's control group below <c>blanket-lab</c>, in each hierarchy.</summary>
    internal string Cgroup { get; }

    internal WanPlan Plan => new(Definition, ReadWan());

    /// <exception cref="LabException">There is no host of that name.</exception>
    public LabHost Host(string name)
        => Hosts.FirstOrDefault(host => host.Name == name)
            ?? throw new LabException(LabFailure.NotFound, $"the lab '{Name}' has no host '{name}'; it has {string.Join(", ", Hosts.Select(host => host.Name))}");

    /// <summary>Opens a lab that is up.</summary>
    /// <exception cref="LabException">It is not up.</exception>
    public static async Task<Lab> OpenAsync(string name, LabPaths paths, CancellationToken cancellationToken = default)
    {
        LabRequirements.CheckMachine(new MachineFacts());
        var lab = Find(name, paths) ?? throw (Directory.Exists(paths.Lab(name))
            ? new LabException(LabFailure.Conflict, $"the lab '{name}' is being made, or was left half made; `blanket lab up {name}` makes it anew, `blanket lab down {name}` clears it away")
            : new LabException(LabFailure.NotFound, $"there is no lab '{name}'{List(paths)}; `blanket lab up {name}` makes it"));
        lab.ChangedPackages = await lab.FindChangedPackagesAsync(cancellationToken);
        return lab;
    }

    /// <summary>
    /// Which of the machine's packages are not as they were when the lab came up, as of its opening; null: none. What runs on its hosts goes on.
    /// A file that changed is the old or the new one there, until the host is started again.
    /// </summary>
    public string? ChangedPackages { get; private set; }

    internal async Task<string?> FindChangedPackagesAsync(CancellationToken cancellationToken)
        => PackageState.Difference(_record.Packages, await PackageState.ReadAsync(cancellationToken));

    /// <summary>Names of the labs that are up or half way.</summary>
    public static IReadOnlyList<string> Names(LabPaths paths)
        => Directory.Exists(paths.Labs)
            ? [.. Directory.GetDirectories(paths.Labs).Select(Path.GetFileName).OfType<string>().Where(name => name[0] != '.').Order(StringComparer.Ordinal)]
            : [];

    /// <summary>The address that clients have, and servers for the lab's hosts.</summary>
    public const string ControlAddress = WanPlan.ControlAddress;

    /// <summary>Program and arguments that run a command in the control namespace, where clients live, from the given folder.</summary>
    public (string Program, IReadOnlyList<string> Arguments) ControlCommand(string workingFolder, IEnumerable<string> command)
        => ("nsenter", [.. Keeper.EnterArguments(), $"--wdns={workingFolder}", "--", .. command]);

    /// <summary>Runs a command in the control namespace.</summary>
    public Task<CommandResult> RunAsync(IReadOnlyList<string> command, string? input = null, CancellationToken cancellationToken = default)
        => Keeper.RunAsync(command, input, cancellationToken: cancellationToken);

    /// <summary>Arguments of <c>ssh</c> that reach a host as root, from the control namespace.</summary>
    public IReadOnlyList<string> SshArguments(LabHost host) => ["-F", SshConfigFile, host.Name];

    /// <summary>A TCP connection from the control namespace, made by this process.</summary>
    public Task<Socket> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken = default)
        => NetworkNamespace.ConnectAsync(Keeper.NetworkNamespacePath, endPoint, cancellationToken);

    /// <summary>A TCP socket of this process in the control namespace, not bound yet.</summary>
    public Task<Socket> CreateSocketAsync() => NetworkNamespace.CreateSocketAsync(Keeper.NetworkNamespacePath);

    /// <summary>
    /// An HTTP client whose connections start in the control namespace. Addresses are numeric: nobody resolves names there. No connection is
    /// kept for the next request, since machines come and go at the same address.
    /// </summary>
    public HttpClient CreateHttpClient()
    {
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            ConnectCallback = async (context, token) =>
                new NetworkStream(await ConnectAsync(new IPEndPoint(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port), token), ownsSocket: true),
        };
        return new HttpClient(handler) { DefaultRequestHeaders = { ConnectionClose = true } };
    }

    internal WanState ReadWan()
        => JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(Folder, WanFile)), LabJson.Default.WanState)!;

    private static Lab? Find(string name, LabPaths paths)
    {
        var file = Path.Combine(paths.Lab(name), RecordFile);
        return File.Exists(file) && Keeper.Find(paths.Lab(name)) is { } keeper
            ? new Lab(paths, JsonSerializer.Deserialize(File.ReadAllText(file), LabJson.Default.LabRecord)!, keeper)
            : null;
    }

    private static string List(LabPaths paths) => Names(paths) is { Count: > 0 } names ? $" (there are: {string.Join(", ", names)})" : "";
}
