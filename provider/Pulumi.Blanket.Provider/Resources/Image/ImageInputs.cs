using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Definitions.Rules;
using Pulumi.Blanket.Provider.Resources.Fabric;
using Pulumi.Blanket.Provider.Resources.OnFabric;

namespace Pulumi.Blanket.Provider.Resources.Image;

internal sealed record ImageInputs : IOnFabric
{
    [Description("The image's name, for people.")]
    [AutoName]
    [Label]
    public string? Name { get; init; }

    [Description("The fabric that keeps it.")]
    [Secret]
    [FabricReference]
    public required FabricConnection Fabric { get; init; }

    [Description("Where it comes from: an `https` or `http` URL, which a member downloads, or a file on the machine that runs Pulumi, which is uploaded. Another source of the same bytes is no new image.")]
    [NotEmpty]
    public required string Source { get; init; }

    [Description("The SHA-256 of the source. An URL needs it; of a file it is computed.")]
    [Pattern("[0-9a-f]{64}", "64 hexadecimal digits in small letters, as `sha256sum` writes them")]
    [Replaces]
    public string? Sha256 { get; init; }

    [Description("What it is.")]
    [DefaultValue(ImageKind.Qcow2)]
    [Replaces]
    public ImageKind Format { get; init; }
}
