using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Pulumi.Blanket.Lab.Guest;

/// <summary>
/// The kernel's random numbers. A guest without a source of them spends a second of its boot gathering them from its own jitter; here what
/// differs from guest to guest is credited as if it were random. Nothing in a lab is kept secret by a guest's keys.
/// </summary>
internal static unsafe partial class Randomness
{
    private const int Bytes = 32;
    private const int WriteOnly = 1;
    private const nuint AddEntropy = 0x40085203;

    public static void Credit()
    {
        Pool pool = new() { Bits = Bytes * 8, Size = Bytes };
        var words = (long*)pool.Data;
        words[0] = Stopwatch.GetTimestamp();
        words[1] = TimeProvider.System.GetUtcNow().Ticks;
        words[2] = Environment.ProcessId;
        var device = Open("/dev/random", WriteOnly);
        if (device >= 0)
        {
            _ = Control(device, AddEntropy, &pool);
            _ = Close(device);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Pool
    {
        public int Bits;
        public int Size;
        public fixed byte Data[Bytes];
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int descriptor, nuint request, Pool* pool);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
