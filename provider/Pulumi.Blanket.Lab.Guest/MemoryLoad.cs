using System.Runtime.InteropServices;

namespace Pulumi.Blanket.Lab.Guest;

/// <summary>Writes to every page of a 24 MiB area, round and round: the working set that a live migration has to chase.</summary>
internal sealed unsafe class MemoryLoad : Load
{
    private const int PageSize = 4096;
    private const int AreaBytes = 24 * MiB;

    private byte* _area;
    private int _position;

    protected override void Dirty(int bytes)
    {
        if (_area is null)
        {
            _area = (byte*)NativeMemory.AlignedAlloc(AreaBytes, PageSize);
        }

        for (var left = bytes; left > 0; left -= PageSize)
        {
            // QEMU tracks and sends whole pages; a few random bytes make each differ from what was sent before.
            Random.Shared.NextBytes(new Span<byte>(_area + _position, 64));
            _area[_position + PageSize - 1]++;
            _position = (_position + PageSize) % AreaBytes;
        }
    }
}
