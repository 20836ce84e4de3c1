using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Definitions.Rules;

namespace Pulumi.Blanket.Provider.Resources.Host;

[Opaque]
[Description("Who a host is and how it is reached with its owner's credentials: what a fabric takes.")]
internal sealed record HostConnection
{
    [Description("The machine's own id, the same at whatever address.")]
    public required string MachineId { get; init; }

    [Description("The host's name, by which VMs choose it.")]
    [Label]
    public required string Name { get; init; }

    [Description("Name or address of the machine.")]
    [HostAddress]
    public required string Address { get; init; }

    [Description("Port of its SSH server.")]
    [DefaultValue(22)]
    [Port]
    public int Port { get; init; }

    [Description("The account to log in as: root, or one that becomes root by `sudo` without a password.")]
    [DefaultValue("root")]
    [Account]
    public string User { get; init; } = "root";

    [Description("Private key.")]
    [Secret]
    public string? PrivateKey { get; init; }

    [Description("The password of an encrypted `privateKey`.")]
    [Secret]
    public string? PrivateKeyPassword { get; init; }

    [Description("The account's password.")]
    [Secret]
    public string? Password { get; init; }

    [Description("The public key that the host proves itself with.")]
    public string? HostKey { get; init; }

    [Description("Machines to go through, the first one first.")]
    public IReadOnlyList<ProxyJump>? ProxyJump { get; init; }
}
