using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>
/// A file that grows while it comes in, and whose SHA-256 is known at the end without reading it again. It goes to the disk while more of it comes, so that nobody waits for all of it at the end.
/// </summary>
internal sealed class ImageFile : IAsyncDisposable
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>After so many bytes the disk is given what it has not.</summary>
    private const int FlushBytes = 16 << 20;

    private readonly FileStream _stream;
    private readonly SafeFileHandle _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Task _flushing = Task.CompletedTask;
    private readonly ImageRoom? _room;
    private readonly string _name;
    private long _flushed;
    private long _allowed;

    /// <param name="path">Where it is; it is carried on where it is there.</param>
    /// <param name="room">Asked before more is written; null where it is only read.</param>
    /// <param name="name">Of the image.</param>
    public ImageFile(string path, ImageRoom? room = null, string name = "")
    {
        (_room, _name) = (room, name);
        _stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0, UnixCreateMode = DurableFile.Private });
        _file = _stream.SafeFileHandle;
    }

    /// <summary>Bytes that are there.</summary>
    public long Length { get; private set; }

    /// <summary>Reads what was there before: an earlier attempt was cut.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        while (await RandomAccess.ReadAsync(_file, buffer, Length, cancellationToken) is > 0 and var count)
        {
            _hash.AppendData(buffer, 0, count);
            Length += count;
        }

        _flushed = Length;
    }

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        RandomAccess.SetLength(_file, 0);
        _hash.GetHashAndReset();
        (Length, _flushed, _allowed) = (0, 0, 0);
    }

    /// <summary>Adds to it. What is written goes to memory, which takes no longer than handing it to another thread would.</summary>
    /// <exception cref="IOException">The disk is full, or broken.</exception>
    /// <exception cref="AgentException">The rest of the disk is promised to others.</exception>
    public async ValueTask AppendAsync(ReadOnlyMemory<byte> data)
    {
        if (Length + data.Length > _allowed)
        {
            _room?.Require(data.Length + FlushBytes, _name);
            _allowed = Length + data.Length + FlushBytes;
        }

        _hash.AppendData(data.Span);
        RandomAccess.Write(_file, data.Span, Length);
        Length += data.Length;
        if (Length - _flushed >= FlushBytes && _flushing.IsCompleted)
        {
            await _flushing; // it is done: this only tells how
            _flushed = Length;
            _flushing = Task.Run(() => RandomAccess.FlushToDisk(_file));
        }
    }

    /// <summary>In small hexadecimal digits.</summary>
    public string FinishHash() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public async ValueTask DisposeAsync()
    {
        // Whoever needs it on the disk asks for that, and is told then.
        await _flushing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stream.DisposeAsync();
        _hash.Dispose();
    }
}
