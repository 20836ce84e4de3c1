using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>
/// A unix socket at the source that leads to the target's libvirtd, through both agents: so that libvirt migrates peer to peer without SSH between hosts, without certificates of its
/// own, and without its port open to anybody.
/// </summary>
internal sealed class LibvirtBridge : IAsyncDisposable
{
    public const string LibvirtSocket = "/run/libvirt/libvirt-sock";

    /// <summary>Names of the sockets, in the agent's runtime folder.</summary>
    public const string SocketPattern = "move-*.sock";

    private const int BufferBytes = 65_536;

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _end = new();
    private readonly string _path;
    private readonly Task _accepting;

    public LibvirtBridge(string uuid, MovePeer.MovePeerClient target)
    {
        _path = $"{AgentPaths.Runtime}/move-{uuid}.sock";
        File.Delete(_path);
        _listener.Bind(new UnixDomainSocketEndPoint(_path));
        File.SetUnixFileMode(_path, DurableFile.Private); // libvirtd is root
        _listener.Listen();
        _accepting = AcceptAsync(target);
    }

    /// <summary>Where libvirt goes.</summary>
    public string Uri => $"qemu+unix:///system?socket={_path}";

    /// <summary>Joins a call to this host's libvirtd.</summary>
    public static async Task JoinAsync(IAsyncStreamReader<LibvirtBytes> from, IServerStreamWriter<LibvirtBytes> to, CancellationToken cancellationToken)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(LibvirtSocket), cancellationToken);
        await JoinAsync(socket, from, to, cancellationToken);
    }

    /// <summary>Cuts what goes through it.</summary>
    public void Cut() => _end.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        File.Delete(_path);
        _end.Dispose();
    }

    private async Task AcceptAsync(MovePeer.MovePeerClient target)
    {
        List<Task> joined = [];
        try
        {
            while (true)
            {
                joined.Add(LeadAsync(await _listener.AcceptAsync(_end.Token), target));
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The move is over.
        }

        await Task.WhenAll(joined).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task LeadAsync(Socket socket, MovePeer.MovePeerClient target)
    {
        using (socket)
        {
            using var call = target.JoinLibvirt(cancellationToken: _end.Token);
            await JoinAsync(socket, call.ResponseStream, call.RequestStream, _end.Token);
        }
    }

    /// <summary>Until either side ends it.</summary>
    private static async Task JoinAsync(Socket socket, IAsyncStreamReader<LibvirtBytes> from, IAsyncStreamWriter<LibvirtBytes> to, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var back = Task.Run(async () =>
        {
            while (await from.MoveNext(end.Token))
            {
                await SendAsync(socket, from.Current.Data.Memory, end.Token);
            }
        }, CancellationToken.None);
        var there = Task.Run(async () =>
        {
            var buffer = new byte[BufferBytes];
            while (await socket.ReceiveAsync(buffer, end.Token) is > 0 and var count)
            {
                await to.WriteAsync(new LibvirtBytes { Data = ByteString.CopyFrom(buffer, 0, count) }, end.Token);
            }
        }, CancellationToken.None);
        await Task.WhenAny(back, there);
        await end.CancelAsync();
        await Task.WhenAll(back, there).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            data = data[await socket.SendAsync(data, cancellationToken)..];
        }
    }
}
