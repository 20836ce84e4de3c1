using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

[Opaque]
[Description("Which fabric, and how it is reached: what everything on a fabric takes. Its key may speak to the members' agents and do nothing else there.")]
internal sealed record FabricConnection
{
    [Description("The fabric's id.")]
    public required string FabricId { get; init; }

    [Description("The account on the members.")]
    public required string Account { get; init; }

    [Description("The account's private key, in OpenSSH's format.")]
    [Secret]
    public required string PrivateKey { get; init; }

    [Description("The public half, as `ssh-ed25519 AAAA…`.")]
    public required string PublicKey { get; init; }

    [Description("At most three members to enter by; any of them knows the others.")]
    public required IReadOnlyList<FabricEntry> Entries { get; init; }
}
