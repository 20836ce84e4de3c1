using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Definitions.Rules;
using Pulumi.Blanket.Provider.Resources.Fabric;

namespace Pulumi.Blanket.Provider.Configuration;

/// <summary>The provider's configuration, as programs and <c>pulumi config set blanket:…</c> give it.</summary>
[Description("Credentials and facts that all resources of this provider share.")]
internal sealed record ProviderSettings
{
    [Description("The account by which hosts are reached over SSH, for hosts that name none.")]
    [Account]
    public string? User { get; init; }

    [Description("The private key by which hosts are reached over SSH, for hosts that name none: OpenSSH or PEM format, encrypted or not.")]
    [Secret]
    [NotEmpty]
    public string? PrivateKey { get; init; }

    [Description("The password of an encrypted `privateKey`.")]
    [Secret]
    public string? PrivateKeyPassword { get; init; }

    [Description("The password by which hosts are reached over SSH, for hosts that name neither key nor password.")]
    [Secret]
    [NotEmpty]
    public string? Password { get; init; }

    [Description("The `connection` of a fabric: which one `pulumi import` takes resources from.")]
    [Secret]
    public FabricConnection? Fabric { get; init; }

    [Description(
        "Hosts that are destroyed for good, by their machine id or name. This is your word that none of them ever runs again: what was on them counts as gone, "
        + "and their deletion succeeds without contact.")]
    [NotEmpty]
    public IReadOnlyList<string>? LostHosts { get; init; }
}
