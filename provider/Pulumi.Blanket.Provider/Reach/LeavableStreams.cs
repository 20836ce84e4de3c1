namespace Pulumi.Blanket.Provider.Reach;

/// <summary>A terminal that is all the guest's: one key leaves it.</summary>
internal sealed class LeavableStreams(IByteStreams terminal) : IByteStreams
{
    /// <summary>Ctrl-], as telnet and virsh have it.</summary>
    public const byte Leave = 0x1d;

    private bool _left;

    public async Task<int> ReadAsync(byte[] buffer)
    {
        if (_left)
        {
            return 0;
        }

        var count = await terminal.ReadAsync(buffer);
        if (buffer.AsSpan(0, count).IndexOf(Leave) is >= 0 and var before)
        {
            // What was typed before it still goes out.
            _left = true;
            return before;
        }

        return count;
    }

    public Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => terminal.WriteAsync(data, cancellationToken);
}
