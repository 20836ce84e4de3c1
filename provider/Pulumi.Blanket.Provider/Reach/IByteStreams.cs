namespace Pulumi.Blanket.Provider.Reach;

/// <summary>The user's side of a way to a VM.</summary>
internal interface IByteStreams
{
    /// <returns>How many bytes came; 0 at the end.</returns>
    Task<int> ReadAsync(byte[] buffer);

    /// <exception cref="IOException">Nobody reads any more.</exception>
    Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);
}
