using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions.Rules;

namespace Pulumi.Blanket.Provider.Resources.Network;

[Description("Names in a network.")]
internal sealed record NetworkDns
{
    [Description("Whether the gateway answers for names.")]
    [DefaultValue(true)]
    public bool Enabled { get; init; }

    [Description("The domain that VMs' names are in. Default: the network's name, and `.internal`.")]
    [Pattern("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", "a domain such as lan.internal, in small letters")]
    [Length(1, 200)]
    public string? Domain { get; init; }

    [Description("Addresses of the servers that are asked for all other names. Default: those that the host itself asks. Without a way out of the network (`egress: none`) nobody is asked.")]
    [Ipv4Address]
    public IReadOnlyList<string>? Servers { get; init; }
}
