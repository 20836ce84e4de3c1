using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions.Rules;

namespace Pulumi.Blanket.Provider.Resources.Network;

[Description("A port of a host that leads to a VM in the network, wherever the VM is.")]
internal sealed record NetworkExposedPort
{
    [Description("The name of the host.")]
    [Label]
    public required string Host { get; init; }

    [Description("The host's port.")]
    [Port]
    public required int Port { get; init; }

    [Description("The name of the VM. It may be made after the network: until then nothing answers.")]
    [Label]
    public required string Vm { get; init; }

    [Description("The VM's port. Default: the same.")]
    [Port]
    public int? TargetPort { get; init; }

    [Description("TCP or UDP.")]
    [DefaultValue(NetworkProtocol.Tcp)]
    public NetworkProtocol Protocol { get; init; }
}
