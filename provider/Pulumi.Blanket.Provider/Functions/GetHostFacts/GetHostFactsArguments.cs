using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Definitions.Rules;
using Pulumi.Blanket.Provider.Resources.Host;

namespace Pulumi.Blanket.Provider.Functions.GetHostFacts;

internal sealed record GetHostFactsArguments
{
    [Description("Name or address of the machine.")]
    [HostAddress]
    public required string Address { get; init; }

    [Description("Port of its SSH server.")]
    [DefaultValue(22)]
    [Port]
    public int Port { get; init; }

    [Description("The account to log in as: root, or one that becomes root by `sudo` without a password. Default: the provider's `user`, else `root`.")]
    [Account]
    public string? User { get; init; }

    [Description("Private key to log in with. Without key and password the provider's are used, and without those the keys of the SSH agent.")]
    [Secret]
    [NotEmpty]
    public string? PrivateKey { get; init; }

    [Description("The password of an encrypted `privateKey`.")]
    [Secret]
    public string? PrivateKeyPassword { get; init; }

    [Description("Password to log in with.")]
    [Secret]
    [NotEmpty]
    public string? Password { get; init; }

    [Description("The public key that the machine has to prove itself with, as `ssh-ed25519 AAAA…`. Without it the one that it shows is trusted.")]
    public string? HostKey { get; init; }

    [Description("Machines that SSH goes through on its way, the first one first.")]
    [Items(1, 8)]
    public IReadOnlyList<ProxyJump>? ProxyJump { get; init; }
}
