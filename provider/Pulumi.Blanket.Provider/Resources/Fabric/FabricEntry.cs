using System.ComponentModel;
using Pulumi.Blanket.Provider.Resources.Host;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

[Description("A member through which a fabric is reached.")]
internal sealed record FabricEntry
{
    [Description("Name or address of the machine.")]
    public required string Address { get; init; }

    [Description("Port of its SSH server.")]
    public required int Port { get; init; }

    [Description("The public key that it proves itself with.")]
    public required string HostKey { get; init; }

    [Description("Machines to go through, the first one first.")]
    public IReadOnlyList<ProxyJump>? ProxyJump { get; init; }
}
