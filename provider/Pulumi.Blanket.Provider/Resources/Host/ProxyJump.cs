using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Definitions.Rules;

namespace Pulumi.Blanket.Provider.Resources.Host;

[Description("A machine that SSH goes through on its way to a host. Without credentials of its own it is given the host's.")]
internal sealed record ProxyJump
{
    [Description("Name or address of the machine.")]
    [HostAddress]
    public required string Address { get; init; }

    [Description("Port of its SSH server.")]
    [DefaultValue(22)]
    [Port]
    public int Port { get; init; }

    [Description("The account to log in as. Default: the host's.")]
    [Account]
    public string? User { get; init; }

    [Description("Private key: OpenSSH or PEM format, encrypted or not.")]
    [Secret]
    [NotEmpty]
    public string? PrivateKey { get; init; }

    [Description("The password of an encrypted `privateKey`.")]
    [Secret]
    public string? PrivateKeyPassword { get; init; }

    [Description("The account's password.")]
    [Secret]
    [NotEmpty]
    public string? Password { get; init; }

    [Description("The public key that the machine has to prove itself with, as `ssh-ed25519 AAAA…`. Without it the one that it shows at first is trusted, and expected from then on.")]
    public string? HostKey { get; init; }
}
