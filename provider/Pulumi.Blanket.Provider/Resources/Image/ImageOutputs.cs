using System.ComponentModel;

namespace Pulumi.Blanket.Provider.Resources.Image;

internal sealed record ImageOutputs
{
    [Description("Its size as members keep it, in bytes; 0 where it is not complete, which the next update makes up for.")]
    public required double SizeBytes { get; init; }

    [Description("The size of the disk that a VM sees, in bytes; 0 of a kernel or initrd.")]
    public required double VirtualSizeBytes { get; init; }
}
