using System.Net;
using Pulumi.Blanket.EndToEnd.Tests.Moving;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>What guests get in a network beyond the segment: addresses, names, a way out, a way in; and what they do not get, whatever they try.</summary>
[Collection(nameof(MachineLab))]
public sealed class NetworkServiceTests(MachineLab lab)
{
    private const int ExposedPort = 8081;

    [LabFact]
    public async Task GuestsHaveAddressesNamesAWayOutAndAWayIn()
    {
        await using var machines = await lab.StartMachinesAsync();
        await using var outside = await OutsideServer.StartAsync(lab);
        var network = ObjectValue.Empty.With("name", "shop").With("fabric", lab.Fabric).With("cidr", "10.70.0.0/24").With("expose", new ArrayValue(
            [ObjectValue.Empty.With("host", "aws-1").With("port", ExposedPort).With("vm", "front").With("targetPort", 80)]));
        await machines.Stack.UpAsync("Network", "shop", network);
        var front = ProgramIn(machines, "front", "shop").With("host", "gcp-1").With("cloudInit", machines.Login.With("networkConfig", "version: 2\nethernets: {}\n")); // it has to ask
        var back = ProgramIn(machines, "back", "shop").With("host", "aws-1");
        await Task.WhenAll(machines.UpAsync("front", front), machines.UpAsync("back", back));
        Assert.Contains(machines.AddressOf("front"), (await machines.ReachAsync("front")).Addresses);
        await machines.ReachAsync("back");

        foreach (var name in new[] { "back", "back.shop.internal" })
        {
            Assert.Contains(machines.AddressOf("back"), (await machines.RunInsideAsync("front", $"nslookup {name}")).Output, StringComparison.Ordinal);
        }

        // One that is made elsewhere is known at once to the fabric's primary, which is where `back` is.
        await machines.UpAsync("late", ProgramIn(machines, "late", "shop").With("host", "gcp-1").With("running", false));
        Assert.Contains(machines.AddressOf("late"), (await machines.RunInsideAsync("back", "nslookup late")).Output, StringComparison.Ordinal);
        await machines.DeleteAsync("late");

        // Out by the host where it is, with that one's address; in by another.
        Assert.Equal(lab.Gcp.Address, await SeenAsync(machines, outside));
        Assert.Contains("\"hostname\":\"front\"", await EnterAsync(), StringComparison.Ordinal);
        await machines.UpAsync("front", front.With("host", "aws-1"));
        Assert.Equal(lab.Aws.Address, await SeenAsync(machines, outside));
        Assert.Contains("\"hostname\":\"front\"", await EnterAsync(), StringComparison.Ordinal);

        // Its lease is renewed by a server that never gave it out.
        var leases = $"/run/blanket/networks/{machines.Stack["shop"].Id.Split('/')[1]}/leases";
        Assert.DoesNotContain(machines.AddressOf("front"), await lab.Aws.RunOrThrowAsync(["cat", leases]), StringComparison.Ordinal);
        (await machines.RunInsideAsync("front", "kill -USR1 $(ps | awk '/[u]dhcpc -i/ {print $1; exit}')")).OutputOrThrow();
        await Eventually.TrueAsync(async () => (await lab.Aws.RunOrThrowAsync(["cat", leases])).Contains(machines.AddressOf("front"), StringComparison.Ordinal), "the lease is renewed on aws-1");
        await Eventually.TrueAsync(async () => (await machines.ReachAsync("front")).Addresses.Contains(machines.AddressOf("front")), "it has the address, which its client takes off and on again");

        // Pinned to one host, a connection to the outside survives a move.
        Assert.Equal(["egress"], (await machines.Stack.PreviewAsync("Network", "shop", network.With("egress", "gcp-1")))!);
        await machines.Stack.UpAsync("Network", "shop", network.With("egress", "gcp-1"));
        await Eventually.TrueAsync(async () => await SeenAsync(machines, outside) == lab.Gcp.Address, "it leaves by gcp-1");
        await machines.RunInsideAsync("front", $"(sleep 600 | nc {OutsideServer.Address} {outside.Port} > /tmp/lines) > /dev/null 2>&1 < /dev/null &");
        await Eventually.TrueAsync(async () => await LinesAsync(machines) > 1, "lines come");
        var before = await LinesAsync(machines);
        await machines.UpAsync("front", front.With("host", "onprem-1"));
        await Eventually.TrueAsync(async () => await LinesAsync(machines) > before + 20, "the connection goes on");

        await machines.Stack.UpAsync("Network", "shop", network.With("egress", "none"));
        await Eventually.TrueAsync(async () => await SeenAsync(machines, outside) == "", "nothing leaves it any more");
        Assert.Contains("\"hostname\":\"front\"", await EnterAsync(), StringComparison.Ordinal);

        // The cloud's metadata: only where that is asked for. The host's way to it is played by a rule that leads outside.
        await machines.HostOf("front").RunOrThrowAsync(["nft", $"add table ip cloud; add chain ip cloud prerouting {{ type nat hook prerouting priority -110; }}; add rule ip cloud prerouting iifname \"bu*\" ip daddr 169.254.169.254 tcp dport 80 dnat to {OutsideServer.Address}:{outside.Port}"]);
        Assert.Equal("", await MetadataAsync());
        await machines.Stack.UpAsync("Network", "shop", network.With("egress", "none").With("cloudMetadata", true));
        await Eventually.TrueAsync(async () => (await MetadataAsync()).StartsWith("198.18.", StringComparison.Ordinal), "the metadata service answers, to the router before its host");
        Assert.Equal("", await SeenAsync(machines, outside));
        await machines.HostOf("front").RunOrThrowAsync(["nft", "delete table ip cloud"]);
        await machines.DeleteAsync("front", "back");
        await machines.Stack.DeleteAsync("shop");

        async Task<string> MetadataAsync() => (await machines.RunInsideAsync("front", "nc -w 3 169.254.169.254 80 < /dev/null | head -n 1")).Output.Trim();
        async Task<string> EnterAsync()
        {
            using HttpClient client = new(new SocketsHttpHandler
            {
                ConnectCallback = async (context, token) => new System.Net.Sockets.NetworkStream(await lab.Lab.ConnectAsync(IPEndPoint.Parse($"{lab.Aws.Address}:{ExposedPort}"), token), ownsSocket: true),
            });
            return await client.GetStringAsync(new Uri("http://front/status"), TestContext.Current.CancellationToken);
        }
    }

    [LabFact]
    public async Task NetworksAndHostsAreOutOfReach()
    {
        await using var machines = await lab.StartMachinesAsync();
        foreach (var name in new[] { "left", "right" })
        {
            await machines.Stack.UpAsync("Network", name, ObjectValue.Empty.With("name", name).With("fabric", lab.Fabric).With("cidr", "10.71.0.0/24").With("dhcp", false));
        }

        await Task.WhenAll(
            machines.UpAsync("victim", ProgramIn(machines, "victim", "left", "10.71.0.5").With("host", "aws-1")),
            machines.UpAsync("twin", ProgramIn(machines, "twin", "right", "10.71.0.5").With("host", "aws-1")),
            machines.UpAsync("thief", ProgramIn(machines, "thief", "left", "10.71.0.6").With("host", "gcp-1")));
        foreach (var name in new[] { "victim", "twin", "thief" })
        {
            Assert.Equal(name, (await machines.ReachAsync(name)).Hostname); // equal addresses, two guests on one host
        }

        Assert.Contains("\"hostname\":\"victim\"", await InThiefAsync("printf 'GET /status HTTP/1.1\\r\\nConnection: close\\r\\n\\r\\n' | nc -w 10 10.71.0.5 80"), StringComparison.Ordinal);

        // Another's address: nobody hears of it, nobody answers to it.
        await InThiefAsync("ip address add 10.71.0.5/32 dev eth0; arping -q -U -c 3 -I eth0 10.71.0.5");
        Assert.Equal("victim", (await machines.ReachAsync("victim")).Hostname);
        Assert.Contains("100% packet loss", await InThiefAsync("ping -c 2 -W 1 -I 10.71.0.5 10.71.0.1"), StringComparison.Ordinal);
        await InThiefAsync("ip address del 10.71.0.5/32 dev eth0");

        // Another's MAC: it is cut off until it has its own again.
        await InThiefAsync("(mac=$(cat /sys/class/net/eth0/address); ip link set eth0 address 52:54:00:00:00:01; ping -c 2 -W 1 10.71.0.1 > /tmp/stolen; ip link set eth0 address $mac; ip route add default via 10.71.0.1) > /dev/null 2>&1");
        Assert.Contains("100% packet loss", await InThiefAsync("cat /tmp/stolen"), StringComparison.Ordinal);

        // An address from a server that is none; and anything by IPv6, of which nobody knows whose it is.
        await InThiefAsync("printf 'start 10.71.0.100\\nend 10.71.0.110\\ninterface eth0\\nlease_file /tmp/leases\\n' > /tmp/udhcpd.conf; touch /tmp/leases; (udhcpd -f /tmp/udhcpd.conf > /tmp/udhcpd.log 2>&1 < /dev/null &)");
        Assert.Contains("udhcpd", await InThiefAsync("ps | grep '[u]dhcpd -f'"), StringComparison.Ordinal);
        Assert.Equal("1", (await InVictimAsync("udhcpc -n -q -t 3 -T 1 -i eth0 -s /bin/true > /dev/null 2>&1; echo $?")).Trim());
        var link = (await InVictimAsync("ip -6 address show dev eth0 | sed -n 's/.*inet6 \\(fe80[^/]*\\).*/\\1/p'")).Trim();
        Assert.StartsWith("fe80", link, StringComparison.Ordinal);
        Assert.Contains("100% packet loss", await InThiefAsync($"ping6 -c 2 -W 1 -I eth0 {link}"), StringComparison.Ordinal);

        // Neither the host that it is on, nor another, nor the mesh, nor a cloud's metadata, all of which are there to be reached.
        await lab.Gcp.RunOrThrowAsync(["sh", "-c", "ip address add 169.254.169.254/32 dev lo; mkdir -p /run/metadata; echo credentials > /run/metadata/token; busybox httpd -p 169.254.169.254:80 -h /run/metadata"]);
        try
        {
            Assert.Equal("credentials", await lab.Gcp.RunOrThrowAsync(["curl", "-s", "-m", "5", "http://169.254.169.254/token"]));
            Assert.Contains(", 0% packet loss", await InThiefAsync("ping -c 2 -W 5 10.71.0.1"), StringComparison.Ordinal);
            var mesh = lab.Owner.MeshAddress(lab.Aws);
            foreach (var (address, port) in new[]
            {
                ("10.71.0.1", 22), (lab.Gcp.Address, 22), (lab.Aws.Address, 22), ("241.0.0.1", 22), ("240.0.0.1", 53), (mesh, 22), (lab.Owner.MeshAddress(lab.Gcp), 22), (mesh, 51820), ("169.254.169.254", 80),
            })
            {
                Assert.DoesNotContain("open", await InThiefAsync($"nc -w 2 {address} {port} < /dev/null > /dev/null && echo open"), StringComparison.Ordinal);
            }
        }
        finally
        {
            await lab.Gcp.RunAsync(["sh", "-c", "ip address del 169.254.169.254/32 dev lo; kill $(pidof busybox)"]);
        }

        await machines.DeleteAsync("victim", "twin", "thief");
        await machines.Stack.DeleteAsync("left");
        await machines.Stack.DeleteAsync("right");

        async Task<string> InVictimAsync(string command) => (await machines.RunInsideAsync("victim", command)).Output;
        async Task<string> InThiefAsync(string command) => (await machines.RunInsideAsync("thief", command)).Output;
    }

    private static ObjectValue ProgramIn(MachineStack machines, string name, string network, string? address = null)
    {
        var card = ObjectValue.Empty.With("network", machines.Stack[network].Id);
        return machines.Program(name).With("networks", new ArrayValue([address is null ? card : card.With("address", address)])).With("cloudInit", machines.Login);
    }

    /// <summary>As whom the outside sees the guest; empty where it sees nothing.</summary>
    private static async Task<string> SeenAsync(MachineStack machines, OutsideServer outside)
        => (await machines.RunInsideAsync("front", $"nc -w 3 {OutsideServer.Address} {outside.Port} < /dev/null | head -n 1")).Output.Trim();

    private static async Task<int> LinesAsync(MachineStack machines) => int.Parse((await machines.RunInsideAsync("front", "cat /tmp/lines 2> /dev/null | wc -l")).Output.Trim(), System.Globalization.CultureInfo.InvariantCulture);
}
