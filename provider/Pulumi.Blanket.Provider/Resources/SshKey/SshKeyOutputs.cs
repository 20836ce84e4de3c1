using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;

namespace Pulumi.Blanket.Provider.Resources.SshKey;

internal sealed record SshKeyOutputs
{
    [Description("The private key in OpenSSH's format, not encrypted: what `privateKey` of a host takes.")]
    [Secret]
    [Stable]
    public required string PrivateKey { get; init; }

    [Description("The public key as one line of an `authorized_keys` file: algorithm, key and name.")]
    public required string PublicKey { get; init; }
}
