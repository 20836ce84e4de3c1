using System.Net.Sockets;

namespace Pulumi.Blanket.Libvirt.Tests.Support;

/// <summary>A unix socket whose connections are joined to another one.</summary>
internal sealed class SocketRelay : IAsyncDisposable
{
    private readonly string _path;
    private readonly string _target;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _lifetime = new();
    private readonly Task _accepting;

    public SocketRelay(string path, string target)
    {
        _path = path;
        _target = target;
        File.Delete(path);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _lifetime.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        File.Delete(_path);
        _lifetime.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var from = await _listener.AcceptAsync(_lifetime.Token);
            Socket to = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await to.ConnectAsync(new UnixDomainSocketEndPoint(_target), _lifetime.Token);
            _ = JoinAsync(new NetworkStream(from, ownsSocket: true), new NetworkStream(to, ownsSocket: true));
        }
    }

    private async Task JoinAsync(NetworkStream from, NetworkStream to)
    {
        await using (from)
        await using (to)
        {
            await Task.WhenAny(from.CopyToAsync(to, _lifetime.Token), to.CopyToAsync(from, _lifetime.Token));
        }
    }
}
