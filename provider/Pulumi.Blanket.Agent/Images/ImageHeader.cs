namespace Pulumi.Blanket.Agent.Images;

/// <summary>
/// Reads the headers of images that somebody else made, before any other program does. What is let through is what is known to stand on its own: one file that
/// names no other one, and is not encrypted. Pure: nothing is opened but the bytes that are given, and little of those is read.
/// </summary>
internal static class ImageHeader
{
    /// <summary>64 TiB, the largest disk of the formats here (VHDX's; MS-VHDX, 2.6.2.4).</summary>
    public const long LargestDisk = 64L << 40;

    private const int SectorBytes = 512;

    /// <param name="format"><c>qcow2</c>, <c>raw</c>, <c>vmdk</c> or <c>vhdx</c>: what it is said to be. It is read as that and nothing else.</param>
    /// <exception cref="AgentException">It is not, or it draws on another file, or is encrypted.</exception>
    public static ImageShape Read(Stream stream, string format)
    {
        ImageBytes bytes = new(stream, format);
        return format switch
        {
            "qcow2" => Qcow2Header.Read(bytes),
            "vmdk" => VmdkHeader.Read(bytes),
            "vhdx" => VhdxHeader.Read(bytes),
            "raw" => bytes.Shape(((ulong)bytes.Length + SectorBytes - 1) / SectorBytes * SectorBytes),
            _ => throw new AgentException(AgentFault.BadRequest, $"an image of the format '{format}' can't be read here"),
        };
    }

    public static ImageShape Read(string path, string format)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        return Read(file, format);
    }
}
