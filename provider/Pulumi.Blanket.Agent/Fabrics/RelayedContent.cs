using System.Net;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>The body of a call that is passed on: sent as it comes, and once only; answers may come before it ends.</summary>
internal sealed class RelayedContent(Stream body) : HttpContent
{
    private const int BufferBytes = 64 * 1024;

    private int _begun;

    /// <summary>Something of the body may be on its way: the call can't be made anew.</summary>
    public bool HasBegun => Volatile.Read(ref _begun) != 0;

    public static async Task CopyAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            await to.FlushAsync(cancellationToken);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    // The HTTP client tries again by itself where a peer closes its connection. What was read of the body before would be missing then.
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        => Interlocked.Exchange(ref _begun, 1) == 0 ? CopyAsync(body, stream, cancellationToken) : throw new IOException("the connection ended while the call was on its way");

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}
