using System.Security.Cryptography;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>A file that grows while it comes in, and whose SHA-256 is known at the end without reading it again.</summary>
internal sealed class ImageFile : IDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly FileStream _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public ImageFile(string path) => _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, BufferBytes);

    /// <summary>Bytes that are there.</summary>
    public long Length { get; private set; }

    /// <summary>Reads what was there before: an earlier attempt was cut.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        while (await _file.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            _hash.AppendData(buffer, 0, count);
            Length += count;
        }
    }

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        _file.SetLength(0);
        _file.Position = 0;
        _hash.GetHashAndReset();
        Length = 0;
    }

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        _hash.AppendData(data.Span);
        await _file.WriteAsync(data, cancellationToken);
        Length += data.Length;
    }

    /// <summary>In small hexadecimal digits.</summary>
    public string FinishHash()
    {
        _file.Flush();
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public void Dispose()
    {
        _file.Dispose();
        _hash.Dispose();
    }
}
