namespace Pulumi.Blanket.Agent.Machine;

/// <summary>What the kernel knows of a file and .NET does not tell (statx(2), whose layout is the same on all processors).</summary>
/// <param name="AllocatedBytes">What it takes on the disk: less than its length where it has holes.</param>
internal sealed record FileStatus(uint User, uint Group, long AllocatedBytes)
{
    private const int StatusBytes = 256;
    private const int UserOffset = 20;
    private const int GroupOffset = 24;
    private const int BlocksOffset = 48;

    /// <summary>Blocks are told in these, whatever the file system's own are.</summary>
    private const int BlockBytes = 512;

    private const int CurrentFolder = -100;
    private const int DontFollow = 0x100;
    private const uint BasicFields = 0x7ff;

    /// <returns>Null where there is no such file.</returns>
    public static FileStatus? Of(string path)
    {
        Span<byte> status = stackalloc byte[StatusBytes];
        if (NativeMethods.Status(CurrentFolder, path, DontFollow, BasicFields, ref status[0]) != 0)
        {
            return null;
        }

        return new FileStatus(BitConverter.ToUInt32(status[UserOffset..]), BitConverter.ToUInt32(status[GroupOffset..]), (long)BitConverter.ToUInt64(status[BlocksOffset..]) * BlockBytes);
    }
}
