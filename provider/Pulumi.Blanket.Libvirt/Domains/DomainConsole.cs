using System.Threading.Channels;
using Pulumi.Blanket.Libvirt.Connection;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>The console of a domain that runs: bytes either way, over a connection of its own, which waits where a side does not read.</summary>
public sealed class DomainConsole : IAsyncDisposable
{
    /// <summary>libvirtd takes more in a packet; this keeps what waits small.</summary>
    private const int MaxPacketBytes = 32_768;

    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(1);

    private readonly LibvirtConnection _connection;
    private bool _ended;

    private DomainConsole(LibvirtConnection connection) => _connection = connection;

    internal static async Task<DomainConsole> OpenAsync(LibvirtConnection connection, Procedure procedure, Action<XdrWriter> arguments, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await connection.BeginStreamAsync(procedure, arguments, timeout, cancellationToken);
            return new DomainConsole(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The next bytes; none at the end.</summary>
    /// <exception cref="LibvirtException">The stream was ended by libvirt, or its connection is over.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _connection.Packets.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException end)
        {
            _ended = true;
            return end.InnerException is { } fault ? throw fault : ReadOnlyMemory<byte>.Empty;
        }
    }

    /// <summary>Sends bytes; waits while libvirtd does not take them.</summary>
    /// <exception cref="LibvirtException">The connection is over.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        for (var sent = 0; sent < bytes.Length; sent += MaxPacketBytes)
        {
            await _connection.SendPacketAsync(bytes.Slice(sent, Math.Min(MaxPacketBytes, bytes.Length - sent)), MessageStatus.Continue, cancellationToken);
        }
    }

    /// <summary>Ends the stream, so that the next one can be opened at once, and closes its connection.</summary>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource limit = new(GoodbyeTimeout);
        try
        {
            if (!_ended)
            {
                await _connection.SendPacketAsync(ReadOnlyMemory<byte>.Empty, MessageStatus.Ok, limit.Token);
                while (!(await ReadAsync(limit.Token)).IsEmpty)
                {
                    // What came meanwhile is nobody's.
                }
            }
        }
        catch (Exception fault) when (fault is LibvirtException or OperationCanceledException)
        {
            // Over it is in any case.
        }

        await _connection.DisposeAsync();
    }
}
