namespace Pulumi.Blanket.Agent.Images;

/// <summary>What an image's own header says that matters here.</summary>
/// <param name="VirtualSizeBytes">Size of the disk that a guest sees: positive, and at most <see cref="ImageHeader.LargestDisk"/>.</param>
internal sealed record ImageShape(long VirtualSizeBytes);
