using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Definitions.Rules;

namespace Pulumi.Blanket.Provider.Resources.SshKey;

internal sealed record SshKeyInputs
{
    [Description("The key's name: the comment at the end of `publicKey`, by which `authorized_keys` files tell keys apart.")]
    [AutoName(MaxLength = 100)]
    [Pattern("[^\\s\\p{C}]([^\\p{C}]{0,98}[^\\s\\p{C}])?", "1 to 100 printable characters without blanks at its ends")]
    public string? Name { get; init; }

    [Description("The kind of key. Another one means another key: the resource is replaced.")]
    [DefaultValue(SshKeyAlgorithm.Ed25519)]
    [Replaces]
    public SshKeyAlgorithm Algorithm { get; init; }
}
