namespace Pulumi.Blanket.Lab.Guest;

/// <summary>The guest's own disk, mounted at <c>/disk</c>: the partition of the disk image, or a blank disk that is formatted first.</summary>
internal static class DataDisk
{
    private const string MountPoint = "/disk";

    /// <returns>The mount point, or null for a guest without a disk.</returns>
    public static string? Mount()
    {
        Directory.CreateDirectory(MountPoint);
        foreach (var device in Devices())
        {
            foreach (var candidate in (string[])[device + "1", device])
            {
                if (File.Exists(candidate) && Busybox.Run("mount", "-t", "ext4", candidate, MountPoint) is not null)
                {
                    return MountPoint;
                }
            }
        }

        // Only a disk that starts with 64 KiB of zeros is blank enough to be formatted.
        foreach (var device in Devices().Where(IsBlank))
        {
            if (Busybox.Run("mke2fs", "-F", "-L", "guest", device) is not null && Busybox.Run("mount", "-t", "ext4", device, MountPoint) is not null)
            {
                return MountPoint;
            }
        }

        return null;
    }

    /// <summary>Whole disks by name, with their size in bytes.</summary>
    public static IEnumerable<(string Name, long SizeBytes)> Sizes()
        => Devices().Select(Path.GetFileName).OfType<string>()
            .Select(name => (name, long.Parse(File.ReadAllText($"/sys/block/{name}/size")) * 512));

    private static IEnumerable<string> Devices()
        => Directory.GetDirectories("/sys/block").Select(Path.GetFileName).OfType<string>()
            .Where(name => name.StartsWith("vd", StringComparison.Ordinal) || name.StartsWith("sd", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(name => $"/dev/{name}");

    private static bool IsBlank(string device)
    {
        var head = new byte[64 * 1024];
        using var stream = File.OpenRead(device);
        return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && !head.AsSpan().ContainsAnyExcept((byte)0);
    }
}
