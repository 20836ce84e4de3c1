using System.Text;
using System.Threading.Channels;
using Pulumi.Blanket.Provider.Reach;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>A user who types what a test says, and remembers what was shown.</summary>
internal sealed class TypedStreams : IByteStreams
{
    private readonly Channel<string> _typed = Channel.CreateUnbounded<string>();
    private readonly StringBuilder _shown = new();

    /// <summary>Nobody looks any more.</summary>
    public bool IsClosed { get; set; }

    public string Shown => _shown.ToString();

    public void Type(string text) => _typed.Writer.TryWrite(text);

    public void End() => _typed.Writer.Complete();

    public async Task<int> ReadAsync(byte[] buffer) => await _typed.Reader.WaitToReadAsync() && _typed.Reader.TryRead(out var text) ? Encoding.UTF8.GetBytes(text, buffer) : 0;

    public Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (IsClosed)
        {
            throw new IOException("Broken pipe");
        }

        _shown.Append(Encoding.UTF8.GetString(data.Span));
        return Task.CompletedTask;
    }
}
