using System.Net.Sockets;

namespace Pulumi.Blanket.Libvirt;

/// <summary>How a client reaches libvirtd, and how long it waits.</summary>
public sealed record LibvirtClientOptions
{
    /// <summary>libvirtd's socket on Debian and most others.</summary>
    public const string DefaultSocketPath = "/run/libvirt/libvirt-sock";

    public const string DefaultUri = "qemu:///system";

    /// <summary>Opens a stream to libvirtd; called once per connection, from any thread, also at the same time.</summary>
    public required Func<CancellationToken, ValueTask<Stream>> Open { get; init; }

    /// <summary>The driver; default <see cref="DefaultUri"/>, for Xen <c>xen:///system</c>.</summary>
    public string Uri { get; init; } = DefaultUri;

    /// <summary>For opening a stream and the greeting together; default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence after which libvirtd is pinged; default 2 s.</summary>
    public TimeSpan KeepaliveInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Pings without a sign of life that end a connection; default 3: after four intervals, 8 s, a dead peer is noticed.</summary>
    public int KeepaliveCount { get; init; } = 3;

    /// <summary>For a call that libvirtd answers at once; default 45 s, more than the 30 s for which libvirt itself waits for a domain that is busy.</summary>
    public TimeSpan ShortCallTimeout { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>For a call that waits for a guest or for much data on disk; default 5 min. Migrations have no limit but keepalive.</summary>
    public TimeSpan LongCallTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a call waits for a lost connection to come back before it fails; default 10 s.</summary>
    public TimeSpan ReconnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The first pause between attempts to reconnect; default 50 ms. Each further one is twice as long.</summary>
    public TimeSpan FirstReconnectPause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause between attempts to reconnect; default 2 s.</summary>
    public TimeSpan LongestReconnectPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>libvirtd on a unix socket of this machine.</summary>
    public static LibvirtClientOptions ForSocket(string path = DefaultSocketPath) => new() { Open = token => OpenSocketAsync(path, token) };

    private static async ValueTask<Stream> OpenSocketAsync(string path, CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
