using System.Runtime.InteropServices;

namespace Pulumi.Blanket.Lab.Guest;

/// <summary>
/// Two counters that tell a test what a guest lost. The one in memory grows ten times a second and starts again at 0
/// only when the guest does. The one on disk grows twice a second, is synced before it is shown, and goes on after a restart.
/// </summary>
internal sealed partial class Counters(string? disk)
{
    private long _memory;
    private long _disk;

    public long Memory => Interlocked.Read(ref _memory);

    /// <summary>The last value known to be on the disk; 0 without a disk.</summary>
    public long Disk => Interlocked.Read(ref _disk);

    /// <summary>Goes on from what is on the disk, which is known when this returns.</summary>
    public void Start()
    {
        new Thread(CountInMemory) { IsBackground = true }.Start();
        if (disk is not null)
        {
            FileStream file = new(Path.Combine(disk, "counter"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            _disk = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length ? BitConverter.ToInt64(bytes) : 0;
            new Thread(() => CountOnDisk(file)) { IsBackground = true }.Start();
        }
    }

    private void CountInMemory()
    {
        while (true)
        {
            Interlocked.Increment(ref _memory);
            Thread.Sleep(100);
        }
    }

    private void CountOnDisk(FileStream file)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        var value = Disk;
        while (true)
        {
            BitConverter.TryWriteBytes(bytes, ++value);
            try
            {
                file.Position = 0;
                file.Write(bytes);
                SyncData(file);
                Interlocked.Exchange(ref _disk, value);
            }
            catch (IOException)
            {
                value--; // the counter stands still, and shows it
            }

            Thread.Sleep(500);
        }
    }

    /// <summary>Without the time of the last change, for which the journal would be written each time.</summary>
    private static void SyncData(FileStream file)
    {
        if (SyncData((int)file.SafeFileHandle.DangerousGetHandle()) != 0)
        {
            throw new IOException($"the counter is not on the disk: error {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncData(int descriptor);
}
