using Pulumi.Blanket.Lab.Network;

namespace Pulumi.Blanket.Lab.Guests;

/// <summary>
/// A plain layer-2 segment for guests, without any product: a bridge on each host and in the control namespace, joined by VXLAN over the
/// WAN with one entry per peer. Gone after a host's reboot, as such devices are; <see cref="JoinAsync"/> again restores it.
/// </summary>
public static class GuestNetwork
{
    public const string Bridge = "guests0";

    /// <summary>What VXLAN leaves of the WAN's 1,500 bytes.</summary>
    public const int Mtu = 1450;

    public const int PrefixLength = 24;

    private const string Tunnel = "guestsx";

    /// <summary>The address of a guest: 10.99.0.(100+n).</summary>
    public static string GuestAddress(int number) => $"10.99.0.{100 + number}";

    /// <summary>The address that a host has on the segment: 10.99.0.(10+n) for host number n; clients in the control namespace have 10.99.0.1.</summary>
    public static string HostAddress(int number) => $"10.99.0.{10 + number}";

    /// <summary>Joins all hosts on the WAN that are on, and the control namespace.</summary>
    public static async Task JoinAsync(Lab lab, CancellationToken cancellationToken = default)
    {
        var hosts = lab.Hosts.Where(host => host.IsOn && host.Definition.Behind is null).ToList();
        string[] ends = [WanPlan.ControlAddress, .. hosts.Select(host => host.Address)];
        (await lab.RunAsync(["sh", "-c", Script(WanPlan.ControlAddress, "10.99.0.1", ends)], cancellationToken: cancellationToken)).OutputOrThrow();
        await Task.WhenAll(hosts.Select(host =>
            host.RunOrThrowAsync(["sh", "-c", Script(host.Address, HostAddress(lab.Plan.NumberOf(host.Name)), ends)], cancellationToken: cancellationToken)));
    }

    private static string Script(string end, string address, IEnumerable<string> ends) => $"""
        set -e
        ip link delete {Tunnel} 2> /dev/null || true
        ip link delete {Bridge} 2> /dev/null || true
        ip link add {Bridge} type bridge forward_delay 0 mcast_snooping 0
        ip link add {Tunnel} type vxlan id 99 dstport 4789 local {end}
        ip link set {Tunnel} mtu {Mtu} master {Bridge} up
        ip link set {Bridge} mtu {Mtu} up
        ip address add {address}/{PrefixLength} dev {Bridge}
        {string.Join('\n', ends.Where(other => other != end).Select(other => $"bridge fdb append 00:00:00:00:00:00 dev {Tunnel} dst {other}"))}
        """;
}
