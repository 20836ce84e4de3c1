using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>Which images a machine uses.</summary>
internal static class MachineImages
{
    /// <returns>SHA-256 of each.</returns>
    public static IReadOnlySet<string> Of(MachineSpec spec)
        => spec.Disks.Select(disk => disk.Image).Append(spec.Boot?.Kernel ?? "").Append(spec.Boot?.Initrd ?? "").Where(sha256 => sha256.Length > 0).ToHashSet(StringComparer.Ordinal);
}
