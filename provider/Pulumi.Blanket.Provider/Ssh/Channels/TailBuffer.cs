using System.Text;

namespace Pulumi.Blanket.Provider.Ssh.Channels;

/// <summary>Keeps the end of what is written to it.</summary>
internal sealed class TailBuffer(int capacity)
{
    private readonly byte[] _bytes = new byte[capacity];
    private readonly Lock _gate = new();
    private long _written;

    public void Write(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            foreach (var value in data.Length > capacity ? data[^capacity..] : data)
            {
                _bytes[_written++ % capacity] = value;
            }
        }
    }

    public override string ToString()
    {
        lock (_gate)
        {
            if (_written <= capacity)
            {
                return Encoding.UTF8.GetString(_bytes, 0, (int)_written);
            }

            var start = (int)(_written % capacity);
            return "…" + Encoding.UTF8.GetString([.. _bytes[start..], .. _bytes[..start]]);
        }
    }
}
