namespace Pulumi.Blanket.Lab.Guest;

/// <summary>Rewrites an 8 MiB file on the guest's disk, round and round, synced at each step. Does nothing without a disk.</summary>
internal sealed class DiskLoad(string? disk) : Load
{
    private const int FileBytes = 8 * MiB;

    private readonly byte[] _block = new byte[256 * 1024];
    private FileStream? _file;

    protected override void Dirty(int bytes)
    {
        if (disk is null)
        {
            return;
        }

        _file ??= new FileStream(Path.Combine(disk, "load"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (var left = bytes; left > 0; left -= _block.Length)
        {
            Random.Shared.NextBytes(_block);
            if (_file.Position + _block.Length > FileBytes)
            {
                _file.Position = 0;
            }

            _file.Write(_block);
        }

        _file.Flush(flushToDisk: true);
    }
}
