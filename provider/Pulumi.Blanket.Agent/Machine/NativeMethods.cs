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

    /// <returns>Not 0 where it could not; <see cref="Marshal.GetLastPInvokeError"/> says why.</returns>
    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Status(int folder, string path, int flags, uint mask, ref byte status);
}
