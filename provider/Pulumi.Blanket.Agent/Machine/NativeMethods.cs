using System.Runtime.InteropServices;

namespace Pulumi.Blanket.Agent.Machine;

internal static partial class NativeMethods
{
    /// <summary>MADV_DONTNEED (madvise(2)).</summary>
    public const int DontNeed = 4;

    /// <returns>The mask that was in force.</returns>
    [LibraryImport("libc", EntryPoint = "umask")]
    public static partial uint Umask(uint mask);

    [LibraryImport("libc", EntryPoint = "madvise")]
    public static partial int Advise(nint start, nint length, int advice);
}
