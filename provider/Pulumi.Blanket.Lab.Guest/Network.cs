using System.Net.NetworkInformation;
using System.Net.Sockets;
using YamlDotNet.RepresentationModel;

namespace Pulumi.Blanket.Lab.Guest;

/// <summary>Gives each network card its addresses: from the seed's network configuration, else by DHCP.</summary>
internal static class Network
{
    /// <returns>The addresses of all cards, as <c>a.b.c.d</c>.</returns>
    public static IReadOnlyList<string> Configure(Seed? seed)
    {
        var cards = Directory.GetDirectories("/sys/class/net").Select(Path.GetFileName).OfType<string>()
            .Where(name => name.StartsWith("eth", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        foreach (var card in cards)
        {
            Busybox.Run("ip", "link", "set", card, "up");
            if (FindConfiguration(seed?.NetworkConfig, card) is { } configuration && configuration.Text("dhcp4") is not ("true" or "yes"))
            {
                ApplyStatic(card, configuration);
            }
            else
            {
                // In the foreground until there is a lease, 3 tries of 2 s; then it stays and renews.
                Busybox.Run("udhcpc", "-i", card, "-t", "3", "-T", "2", "-S", "-s", "/etc/udhcpc", "-x", $"hostname:{Environment.MachineName}");
            }
        }

        return Addresses();
    }

    /// <summary>All IPv4 addresses but the loopback one.</summary>
    public static IReadOnlyList<string> Addresses()
        => [.. NetworkInterface.GetAllNetworkInterfaces()
            .Where(card => card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Where(address => address.Address.AddressFamily == AddressFamily.InterNetwork)
            .Select(address => address.Address.ToString())];

    private static void ApplyStatic(string card, YamlMappingNode configuration)
    {
        if (configuration.Text("mtu") is { } mtu)
        {
            Busybox.Run("ip", "link", "set", card, "mtu", mtu);
        }

        foreach (var address in configuration.Texts("addresses"))
        {
            Busybox.Run("ip", "address", "add", address, "dev", card);
        }

        if (configuration.Text("gateway4") is { } gateway)
        {
            Busybox.Run("ip", "route", "add", "default", "via", gateway);
        }

        foreach (var route in (configuration.Child("routes") as YamlSequenceNode)?.Children ?? [])
        {
            if (route.Text("to") is { } to && route.Text("via") is { } via)
            {
                Busybox.Run("ip", "route", "add", to, "via", via);
            }
        }

        File.WriteAllLines("/etc/resolv.conf", configuration.Child("nameservers").Texts("addresses").Select(server => $"nameserver {server}"));
    }

    // An entry names its card by MAC address (match.macaddress), or by its own key.
    private static YamlMappingNode? FindConfiguration(YamlMappingNode? networkConfig, string card)
    {
        var root = networkConfig.Child("network") ?? networkConfig;
        var mac = File.ReadAllText($"/sys/class/net/{card}/address").Trim();
        if (root.Child("ethernets") is not YamlMappingNode ethernets)
        {
            return null;
        }

        foreach (var (key, value) in ethernets.Children)
        {
            var wantedMac = value.Child("match").Text("macaddress");
            if (wantedMac is null ? (key as YamlScalarNode)?.Value == card : wantedMac.Equals(mac, StringComparison.OrdinalIgnoreCase))
            {
                return value as YamlMappingNode;
            }
        }

        return null;
    }
}
