using Pulumi.Blanket.Libvirt.Connection;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Events;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt;

/// <summary>
/// libvirt of one host, over its own RPC. Calls may be made from any thread and run side by side, at most four at once on each of three
/// connections: one for what is answered at once, one for what waits for a guest or a disk, one for migrations. A connection that is
/// lost is made anew by itself; a call that was under way on it fails, since it may or may not have happened, and is never repeated.
/// </summary>
public sealed partial class LibvirtClient : IAsyncDisposable
{
    /// <summary>Connections that a call may see end before it was sent: a libvirtd that lets everybody in and drops them is no reason to try for ever.</summary>
    private const int MaxAttempts = 5;

    private readonly LibvirtClientOptions _options;
    private readonly ConnectionLane _short;
    private readonly ConnectionLane _long;
    private readonly ConnectionLane _migrations;

    private LibvirtClient(LibvirtClientOptions options)
    {
        _options = options;
        _short = Lane(keepOpen: true, ConnectWithEventsAsync);
        _long = Lane(keepOpen: false, token => LibvirtConnection.ConnectAsync(Settings(), static _ => { }, token));
        _migrations = Lane(keepOpen: false, token => LibvirtConnection.ConnectAsync(Settings(), static _ => { }, token));
    }

    /// <summary>The connection for short calls was lost; it is being made anew. Raised on any thread; must return at once.</summary>
    public event EventHandler<LibvirtLostEventArgs>? ConnectionLost;

    /// <summary>The connection for short calls is back, events with it. Raised on any thread; must return at once.</summary>
    public event EventHandler? ConnectionRestored;

    /// <summary>Connects. Only this first attempt fails at once; later ones are repeated until the client is disposed.</summary>
    /// <exception cref="LibvirtException">libvirtd can't be reached, does not let this process in, or does not have the driver.</exception>
    public static async Task<LibvirtClient> ConnectAsync(LibvirtClientOptions options, CancellationToken cancellationToken = default)
    {
        LibvirtClient client = new(options);
        try
        {
            await client._short.OpenAsync(cancellationToken);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes the connections. Calls under way fail with <see cref="LibvirtFault.Closed"/>; what they asked for may go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _short.DisposeAsync();
        await _long.DisposeAsync();
        await _migrations.DisposeAsync();
        CompleteSubscriptions();
    }

    private ConnectionLane Lane(bool keepOpen, Func<CancellationToken, Task<LibvirtConnection>> connect) => new(
        connect, keepOpen, new BackOff(_options.FirstReconnectPause, _options.LongestReconnectPause),
        fault =>
        {
            if (keepOpen)
            {
                ConnectionLost?.Invoke(this, new LibvirtLostEventArgs(fault));
            }
        },
        () =>
        {
            if (keepOpen)
            {
                PushAll(new EventsMissed("the connection to libvirtd was lost and made anew"));
                ConnectionRestored?.Invoke(this, EventArgs.Empty);
            }
        });

    private ConnectionSettings Settings()
        => new(_options.Open, _options.Uri, _options.ConnectTimeout, _options.KeepaliveInterval, _options.KeepaliveCount);

    private async Task<T> CallAsync<T>(Procedure procedure, Action<XdrWriter>? arguments, XdrDecoder<T> decode, CancellationToken cancellationToken)
    {
        var (lane, timeout) = procedure.Lane switch
        {
            CallLane.Short => (_short, _options.ShortCallTimeout),
            CallLane.Long => (_long, _options.LongCallTimeout),
            _ => (_migrations, Timeout.InfiniteTimeSpan),
        };
        for (var attempt = 1; ; attempt++)
        {
            var connection = await ConnectedAsync(lane, procedure, cancellationToken);
            try
            {
                return await connection.CallAsync(procedure, arguments, decode, timeout, cancellationToken);
            }
            catch (LibvirtException fault) when (attempt < MaxAttempts && fault is { RequestSent: false, Fault: LibvirtFault.ConnectionLost or LibvirtFault.Unresponsive })
            {
                // It never left: on the next connection it is made for the first time.
            }
        }
    }

    private Task<bool> CallAsync(Procedure procedure, Action<XdrWriter>? arguments, CancellationToken cancellationToken)
        => CallAsync(procedure, arguments, static (ref _) => true, cancellationToken);

    private async Task<LibvirtConnection> ConnectedAsync(ConnectionLane lane, Procedure procedure, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.ReconnectTimeout);
        try
        {
            return await lane.GetAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var last = lane.LastFault;
            throw new LibvirtException(LibvirtFault.ConnectFailed,
                $"{procedure} was not sent: there has been no connection to libvirtd for {_options.ReconnectTimeout.TotalSeconds:0.#} s{(last is null ? "" : $"; {last.Message}")}", last);
        }
    }
}
