using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;

namespace Pulumi.Blanket.Provider.Resources.Network;

internal sealed record NetworkOutputs
{
    [Description("The network's number on its fabric (VXLAN network identifier).")]
    [Stable]
    public required int Vni { get; init; }

    [Description("The bridge that members have for it.")]
    [Stable]
    public required string Bridge { get; init; }

    [Description("The gateway's address.")]
    [Stable]
    public required string Gateway { get; init; }

    [Description("The largest packet that VMs may send, in bytes.")]
    public required int Mtu { get; init; }
}
