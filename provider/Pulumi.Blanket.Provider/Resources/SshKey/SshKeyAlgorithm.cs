using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.SshKey;

[Description("Kinds of SSH keys.")]
[JsonConverter(typeof(JsonStringEnumConverter<SshKeyAlgorithm>))]
internal enum SshKeyAlgorithm
{
    [Description("Ed25519: short, fast, and accepted by every OpenSSH since 6.5 (2014).")]
    [JsonStringEnumMemberName("ed25519")]
    Ed25519,

    [Description("RSA with 4096 bits, for machines that accept no Ed25519.")]
    [JsonStringEnumMemberName("rsa4096")]
    Rsa4096,
}
