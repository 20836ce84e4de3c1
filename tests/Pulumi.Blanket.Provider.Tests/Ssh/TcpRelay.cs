using System.Net;
using System.Net.Sockets;

namespace Pulumi.Blanket.Provider.Tests.Ssh;

/// <summary>A port of this machine whose connections are joined to another end; the link between can be frozen and cut.</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly Func<CancellationToken, Task<Socket>> _connect;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _lifetime = new();
    private readonly List<Socket> _sockets = [];
    private readonly Task _accepting;
    private volatile TaskCompletionSource? _frozen;
    private int _accepted;

    public TcpRelay(Func<CancellationToken, Task<Socket>> connect)
    {
        _connect = connect;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Connections that were made through it.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Connections are not joined any more, and closed at once.</summary>
    public bool Refuses { get; set; }

    /// <summary>A dead link: connections stay open, and are accepted, and nothing comes through.</summary>
    public void Freeze() => _frozen ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Thaw()
    {
        var frozen = _frozen;
        _frozen = null;
        frozen?.TrySetResult();
    }

    /// <summary>Resets all connections.</summary>
    public void Cut()
    {
        lock (_sockets)
        {
            foreach (var socket in _sockets)
            {
                socket.Close(0);
            }

            _sockets.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _lifetime.CancelAsync();
        _listener.Dispose();
        Thaw();
        Cut();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _lifetime.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var near = await _listener.AcceptAsync(_lifetime.Token);
            if (Refuses)
            {
                near.Close(0);
                continue;
            }

            Interlocked.Increment(ref _accepted);
            _ = JoinAsync(near);
        }
    }

    private async Task JoinAsync(Socket near)
    {
        try
        {
            using (near)
            {
                await IfThawedAsync();
                using var far = await _connect(_lifetime.Token);
                near.NoDelay = far.NoDelay = true;
                lock (_sockets)
                {
                    _sockets.AddRange([near, far]);
                }

                await Task.WhenAny(CopyAsync(near, far), CopyAsync(far, near));
            }
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The far end refuses, or all is over.
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[256 * 1024];
        while (await from.ReceiveAsync(buffer, _lifetime.Token) is > 0 and var count)
        {
            await IfThawedAsync();
            for (var rest = buffer.AsMemory(0, count); !rest.IsEmpty;)
            {
                rest = rest[await to.SendAsync(rest, _lifetime.Token)..];
            }
        }
    }

    private async Task IfThawedAsync()
    {
        if (_frozen is { } frozen)
        {
            await frozen.Task;
        }
    }
}
