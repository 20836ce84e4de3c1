using YamlDotNet.Serialization;

namespace Pulumi.Blanket.Lab.Guests;

/// <summary>A NoCloud seed, as cloud-init documents it: what a guest is told at its first boot.</summary>
/// <param name="Address">Static address as <c>10.99.0.101/24</c>; null lets the guest ask by DHCP.</param>
/// <param name="SshKey">Public key that may log in as root.</param>
public sealed record GuestSeed(string Hostname, string? Address = null, string? Gateway = null, string? SshKey = null, int Mtu = GuestNetwork.Mtu)
{
    /// <summary>The seed's files: name and content.</summary>
    public IReadOnlyDictionary<string, string> Files(string mac)
    {
        var serializer = new SerializerBuilder().Build();
        Dictionary<string, object> card = new() { ["match"] = new Dictionary<string, object> { ["macaddress"] = mac }, ["mtu"] = Mtu };
        if (Address is null)
        {
            card["dhcp4"] = true;
        }
        else
        {
            card["addresses"] = new[] { Address };
        }

        if (Gateway is not null)
        {
            card["gateway4"] = Gateway;
        }

        Dictionary<string, object> user = new() { ["hostname"] = Hostname };
        if (SshKey is not null)
        {
            user["ssh_authorized_keys"] = new[] { SshKey };
        }

        return new Dictionary<string, string>
        {
            ["meta-data"] = serializer.Serialize(new Dictionary<string, object> { ["instance-id"] = Hostname, ["local-hostname"] = Hostname }),
            ["user-data"] = "#cloud-config\n" + serializer.Serialize(user),
            ["network-config"] = serializer.Serialize(new Dictionary<string, object>
            {
                ["version"] = 2,
                ["ethernets"] = new Dictionary<string, object> { ["card0"] = card },
            }),
        };
    }
}
