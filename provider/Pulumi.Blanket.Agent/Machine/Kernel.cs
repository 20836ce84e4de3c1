using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Pulumi.Blanket.Agent.Machine;

/// <summary>What a sandbox is made of (unshare(2), mount(2), pivot_root(2)).</summary>
internal static partial class Kernel
{
    public const int NewMounts = 0x20000;
    public const int NewHostName = 0x4000000;
    public const int NewIpc = 0x8000000;
    public const int NewNetwork = 0x40000000;

    public const ulong ReadOnly = 1;
    public const ulong NoSuid = 2;
    public const ulong NoDevices = 4;
    public const ulong NoExec = 8;
    public const ulong Remount = 32;
    public const ulong Bind = 4096;
    public const ulong Recursive = 16384;
    public const ulong Private = 1 << 18;

    public const int Detach = 2;

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    public static partial int Unshare(int what);

    [LibraryImport("libc", EntryPoint = "umount2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int Unmount(string path, int flags);

    [LibraryImport("libc", EntryPoint = "chdir", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int ChangeFolder(string path);

    public static int PivotRoot(string root, string former) => (int)PivotRoot(IsArm ? 41 : 155, root, former);

    public static void Mount(string? source, string target, string? type, ulong flags, string? options)
        => Check(MountNative(source, target, type, flags, options), $"{target} in its root");

    /// <exception cref="IOException">A call failed.</exception>
    public static void Check(int result, string what)
    {
        if (result != 0)
        {
            throw new IOException($"the sandbox could not be made: {what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }

    /// <summary>Numbers of system calls differ between the two kinds of processors that there are agents for.</summary>
    public static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    // No library has a function for it.
    [LibraryImport("libc", EntryPoint = "syscall", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial long PivotRoot(long number, string root, string former);

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MountNative(string? source, string target, string? type, ulong flags, string? options);
}
