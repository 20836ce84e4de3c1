using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Libvirt.Connection;

/// <summary>
/// One of a client's connections, made anew with growing pauses whenever it is lost. Only one attempt is under way at a time, whoever
/// waits for it.
/// </summary>
internal sealed class ConnectionLane(Func<CancellationToken, Task<LibvirtConnection>> connect, bool keepOpen, BackOff backOff, Action<LibvirtException> lost, Action restored) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _lifetime = new();
    private LibvirtConnection? _current;
    private Task<LibvirtConnection>? _opening;
    private LibvirtException? _lastFault;
    private bool _wasOpen;

    /// <summary>Why the last attempt failed, or the last connection ended.</summary>
    public LibvirtException? LastFault
    {
        get
        {
            lock (_gate)
            {
                return _lastFault;
            }
        }
    }

    /// <summary>The open connection; waits for one that is being made.</summary>
    /// <exception cref="LibvirtException">The lane is closed.</exception>
    public Task<LibvirtConnection> GetAsync(CancellationToken cancellationToken)
    {
        Task<LibvirtConnection> opening;
        lock (_gate)
        {
            ThrowIfClosed();
            if (_current is { IsOpen: true })
            {
                return Task.FromResult(_current);
            }

            opening = StartOpening();
        }

        return opening.WaitAsync(cancellationToken);
    }

    /// <summary>One attempt, whose failure is the caller's.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken) => Adopt(await connect(cancellationToken));

    public async ValueTask DisposeAsync()
    {
        LibvirtConnection? current;
        Task<LibvirtConnection>? opening;
        lock (_gate)
        {
            _lifetime.Cancel();
            (current, opening) = (_current, _opening);
        }

        if (opening is not null)
        {
            await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (current is not null)
        {
            await current.DisposeAsync();
        }
    }

    private void ThrowIfClosed()
    {
        if (_lifetime.IsCancellationRequested)
        {
            throw new LibvirtException(LibvirtFault.Closed, "the client was closed");
        }
    }

    private Task<LibvirtConnection> StartOpening()
    {
        if (_opening is null or { IsCompleted: true })
        {
            _opening = Task.Run(OpenLoopAsync);
            _ = _opening.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }

        return _opening;
    }

    private async Task<LibvirtConnection> OpenLoopAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var connection = await connect(_lifetime.Token);
                Adopt(connection);
                return connection;
            }
            catch (LibvirtException fault) when (!_lifetime.IsCancellationRequested)
            {
                lock (_gate)
                {
                    _lastFault = fault;
                }
            }
            catch (OperationCanceledException fault)
            {
                throw new LibvirtException(LibvirtFault.Closed, "the client was closed", fault);
            }

            await Task.Delay(backOff.After(attempt), _lifetime.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ThrowIfClosed();
        }
    }

    private void Adopt(LibvirtConnection connection)
    {
        bool again;
        lock (_gate)
        {
            if (_lifetime.IsCancellationRequested)
            {
                _ = connection.DisposeAsync().AsTask();
                ThrowIfClosed();
            }

            _current = connection;
            again = _wasOpen;
            _wasOpen = true;
        }

        _ = WatchAsync(connection);
        if (again)
        {
            restored();
        }
    }

    private async Task WatchAsync(LibvirtConnection connection)
    {
        var fault = await connection.Ended;
        lock (_gate)
        {
            if (_lifetime.IsCancellationRequested)
            {
                return;
            }

            _lastFault = fault;
            if (keepOpen)
            {
                StartOpening();
            }
        }

        lost(fault);
    }
}
