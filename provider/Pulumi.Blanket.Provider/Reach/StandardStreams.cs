using Microsoft.Win32.SafeHandles;
using Pulumi.Blanket.Provider.Ssh.Channels;

namespace Pulumi.Blanket.Provider.Reach;

/// <summary>Standard input and output as they are: .NET's own consoles keep quiet when nobody reads any more, and prepare a terminal for themselves.</summary>
internal sealed class StandardStreams : IByteStreams
{
    private readonly FileStream _input = Open(0, FileAccess.Read);
    private readonly FileStream _output = Open(1, FileAccess.Write);

    // It may wait for ever: not on one of the pool's threads.
    public Task<int> ReadAsync(byte[] buffer) => Blocking.RunAsync(() => _input.Read(buffer));

    public async Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => await _output.WriteAsync(data, cancellationToken);

    private static FileStream Open(int descriptor, FileAccess access) => new(new SafeFileHandle(descriptor, ownsHandle: false), access, bufferSize: 0);
}
