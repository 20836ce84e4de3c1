using System.Globalization;
using System.Net;
using System.Text;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>
/// Addresses (DHCP) and names (DNS) for a network's guests, by dnsmasq inside its gateway. All members answer out of the fabric's leases, so it does not matter which one does;
/// that a guest moved, neither it nor its server notices.
/// </summary>
internal static class NameServer
{
    private const string Program = "dnsmasq";
    private const string LeaseTime = "12h";

    private static readonly string[] ResolverFiles = ["/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"];

    private static string Unit(uint vni) => string.Create(CultureInfo.InvariantCulture, $"blanket-names@{vni}.service");

    private static string Folder(uint vni) => string.Create(CultureInfo.InvariantCulture, $"{AgentPaths.Runtime}/networks/{vni}");

    public static async Task ApplyAsync(FabricFacts facts, NetworkFacts network, Member me, CancellationToken cancellationToken)
    {
        if (network.Services is not ({ Dhcp: true } or { Dns: true }))
        {
            await RemoveAsync(network.Vni, cancellationToken);
            return;
        }

        if (Command.Find(Program) is not { } program)
        {
            throw new AgentException(AgentFault.NotPossible, $"{Program} is not installed, which the network {network.Name} needs for `dhcp` and `dns`; install dnsmasq-base");
        }

        await SystemdUnit.WriteAsync(AgentPaths.NamesUnit,
            $"""
            [Unit]
            Description=Pulumi.Blanket addresses and names in network %i

            [Service]
            NetworkNamespacePath=/run/netns/{OverlayNetwork.Gateway(0)[..^1]}%i
            ExecStart={program} --keep-in-foreground --conf-file={AgentPaths.Runtime}/networks/%i/dnsmasq.conf
            ExecReload=/bin/kill -HUP $MAINPID
            Restart=always
            RestartSec=1

            """, cancellationToken);
        var folder = Folder(network.Vni);
        DurableFile.MakeFolder(Path.GetDirectoryName(folder)!, DurableFile.OpenFolder);
        DurableFile.MakeFolder(folder, DurableFile.OpenFolder);
        var hasNewLeases = WriteLeases(facts, network);
        var hasNewSettings = WriteIfChanged($"{folder}/dnsmasq.conf", Settings(facts, network, me));
        await SystemdUnit.RunAsync(hasNewSettings ? "restart" : hasNewLeases ? "reload-or-restart" : "start", Unit(network.Vni), cancellationToken);
    }

    /// <summary>Whether it runs, and with the settings that it has to have.</summary>
    public static bool IsIntact(FabricFacts facts, NetworkFacts network, Member me)
    {
        var folder = Folder(network.Vni);
        if (network.Services is not ({ Dhcp: true } or { Dns: true }))
        {
            return !Directory.Exists(folder);
        }

        try
        {
            return File.ReadAllText($"{folder}/dnsmasq.conf") == Settings(facts, network, me)
                && int.TryParse(File.ReadAllText($"{folder}/pid"), out var process) && File.ReadAllText($"/proc/{process}/comm").Trim() == Program;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static async Task ApplyLeasesAsync(FabricFacts facts, NetworkFacts network, CancellationToken cancellationToken)
    {
        if (File.Exists($"{Folder(network.Vni)}/dnsmasq.conf") && WriteLeases(facts, network))
        {
            await SystemdUnit.RunAsync("reload-or-restart", Unit(network.Vni), cancellationToken);
        }
    }

    public static async Task RemoveAsync(uint vni, CancellationToken cancellationToken)
    {
        if (Directory.Exists(Folder(vni)))
        {
            await SystemdUnit.RunAsync("stop", Unit(vni), cancellationToken);
            Directory.Delete(Folder(vni), recursive: true);
        }
    }

    /// <summary>With the last network.</summary>
    public static async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(AgentPaths.NamesUnit))
        {
            DurableFile.Delete(AgentPaths.NamesUnit);
            await SystemdUnit.ReloadAsync(cancellationToken);
        }

        if (Directory.Exists($"{AgentPaths.Runtime}/networks"))
        {
            Directory.Delete($"{AgentPaths.Runtime}/networks", recursive: true);
        }
    }

    /// <summary>See dnsmasq(8).</summary>
    internal static string Settings(FabricFacts facts, NetworkFacts network, Member me)
    {
        var folder = Folder(network.Vni);
        var services = network.Services;
        var egress = EgressPlan.Of(facts, network, me);
        List<string> lines = [$"interface={OverlayNetwork.Inside}", "bind-interfaces", "except-interface=lo", "no-hosts", $"pid-file={folder}/pid"];
        if (services.Dns)
        {
            lines.AddRange([$"domain={services.Domain}", $"local=/{services.Domain}/", $"addn-hosts={folder}/names"]);
            if (egress.IsExit)
            {
                lines.Add($"interface={OverlayNetwork.Among}");
            }

            lines.AddRange(Upstream(services, egress));
        }
        else
        {
            lines.Add("port=0");
        }

        if (services.Dhcp)
        {
            var cidr = IPNetwork.Parse(network.Cidr);
            lines.AddRange(
            [
                "dhcp-authoritative",
                $"dhcp-range={cidr.BaseAddress},static,{Mask(cidr.PrefixLength)},{LeaseTime}",
                $"dhcp-hostsfile={folder}/hosts",
                $"dhcp-leasefile={folder}/leases",
                "dhcp-ignore=tag:!known",
                $"dhcp-option=option:router,{network.Gateway}",
                string.Create(CultureInfo.InvariantCulture, $"dhcp-option=option:mtu,{network.Mtu}"),
                services.Dns ? $"dhcp-option=option:dns-server,{network.Gateway}" : "dhcp-option=option:dns-server",
            ]);
        }

        return string.Join('\n', lines) + "\n";
    }

    /// <summary>Who is asked for names outside. Nobody where nothing leaves the network: questions would leave it, too, and carry what their askers like.</summary>
    private static IEnumerable<string> Upstream(NetworkServices services, EgressPlan egress)
        => egress.Kind == Egress.None ? ["no-resolv"]
            : services.NameServers.Count > 0 ? services.NameServers.Select(server => $"server={server}").Prepend("no-resolv")
            : egress.By is { } exit ? ["no-resolv", $"server={exit.MeshAddress}"]
            : HostResolvers() is { } file ? [$"resolv-file={file}"] : ["no-resolv"];

    /// <summary>The file with the servers that the host asks; a server on the host itself can't be asked from elsewhere, so systemd's own list comes first.</summary>
    private static string? HostResolvers()
        => ResolverFiles.FirstOrDefault(static file => File.Exists(file)
            && File.ReadLines(file).Any(static line => line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is ["nameserver", var server, ..]
                && IPAddress.TryParse(server, out var address) && !IPAddress.IsLoopback(address)));

    /// <returns>Whether anything changed.</returns>
    private static bool WriteLeases(FabricFacts facts, NetworkFacts network)
    {
        StringBuilder hosts = new();
        StringBuilder names = new();
        foreach (var machine in facts.Machines)
        {
            foreach (var lease in machine.Leases.Where(lease => lease.Vni == network.Vni))
            {
                var hasName = RegistryCheck.IsLabel(machine.Name);
                hosts.Append(CultureInfo.InvariantCulture, $"{lease.Mac},{lease.Address}{(hasName ? $",{machine.Name}" : "")},{LeaseTime}\n");
                if (hasName)
                {
                    names.Append(CultureInfo.InvariantCulture, $"{lease.Address} {machine.Name}.{network.Services.Domain} {machine.Name}\n");
                }
            }
        }

        var hostsChanged = WriteIfChanged($"{Folder(network.Vni)}/hosts", hosts.ToString());
        return WriteIfChanged($"{Folder(network.Vni)}/names", names.ToString()) || hostsChanged;
    }

    private static bool WriteIfChanged(string path, string text)
    {
        if (File.Exists(path) && File.ReadAllText(path) == text)
        {
            return false;
        }

        DurableFile.Write(path, text, DurableFile.Readable);
        return true;
    }

    private static IPAddress Mask(int prefixLength)
    {
        var mask = uint.MaxValue << (32 - prefixLength);
        return new IPAddress([(byte)(mask >> 24), (byte)(mask >> 16), (byte)(mask >> 8), (byte)mask]);
    }
}
