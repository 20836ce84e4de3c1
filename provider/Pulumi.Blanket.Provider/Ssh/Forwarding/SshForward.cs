using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Pulumi.Blanket.Provider.Ssh.Channels;
using Renci.SshNet;

namespace Pulumi.Blanket.Provider.Ssh.Forwarding;

/// <summary>
/// One TCP connection through a host, for one SSH connection of this process and nobody else on this machine. The library can only
/// forward a listening port, and closing that closes the connections too; and it can only connect to a port. So both are guarded:
/// its forward lets in one connection, known by its port, which was bound before; and in front of that stands a proxy for one connection
/// that knows a secret made for it, and that stops to listen once it came.
/// </summary>
internal sealed class SshForward : IDisposable
{
    public const string ProxyUser = "blanket";

    private const int MaxHead = 4096;
    private const int CopySize = 128 * 1024;

    private readonly CancellationTokenSource _lifetime = new();
    private readonly Socket _listener;
    private readonly Socket _outward;
    private readonly ForwardedPortLocal _forwarded;
    private readonly SshClient _client;
    private readonly byte[] _expected;
    private int _isTaken;
    private int _isDisposed;

    private SshForward(SshClient client, ForwardedPortLocal forwarded, Socket outward)
    {
        _client = client;
        _forwarded = forwarded;
        _outward = outward;
        Secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        _expected = SHA256.HashData(Encoding.ASCII.GetBytes($"Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes($"{ProxyUser}:{Secret}"))}"));
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _ = AcceptAsync();
    }

    /// <summary>Where the proxy listens, on 127.0.0.1, until its one client came.</summary>
    public int Port { get; }

    /// <summary>What its client has to know.</summary>
    public string Secret { get; }

    /// <summary>Where the library's forward listens; for tests.</summary>
    internal int InnerPort => (int)_forwarded.BoundPort;

    public static SshForward Start(SshClient client, string address, int port)
    {
        Socket outward = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        ForwardedPortLocal forwarded = new(IPAddress.Loopback.ToString(), 0, address, (uint)port);
        try
        {
            outward.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var own = (uint)((IPEndPoint)outward.LocalEndPoint!).Port;
            var isUsed = 0;
            forwarded.RequestReceived += (_, e) =>
            {
                // Thrown here, it closes the connection before the host hears of it.
                if (e.OriginatorPort != own || Interlocked.Exchange(ref isUsed, 1) != 0)
                {
                    throw new InvalidOperationException("this forward is not for others");
                }
            };
            client.AddForwardedPort(forwarded);
            forwarded.Start();
            outward.Connect(new IPEndPoint(IPAddress.Loopback, (int)forwarded.BoundPort));
            return new SshForward(client, forwarded, outward);
        }
        catch
        {
            outward.Dispose();
            forwarded.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        _lifetime.Cancel();
        _listener.Dispose();
        _outward.Dispose();
        // Waits for the channel's end.
        _ = Blocking.RunAsync(() =>
        {
            try
            {
                _client.RemoveForwardedPort(_forwarded);
                _forwarded.Dispose();
            }
            catch (Exception fault) when (fault is Renci.SshNet.Common.SshException or IOException or ObjectDisposedException or InvalidOperationException or SocketException)
            {
                // Gone with its connection.
            }
        });
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var candidate = await _listener.AcceptAsync(_lifetime.Token);
                candidate.NoDelay = true;
                // Side by side: one that says nothing must not keep ours waiting.
                _ = ServeAsync(candidate);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Ours came, or the forward is no longer wanted.
        }
    }

    private async Task ServeAsync(Socket candidate)
    {
        using (candidate)
        {
            try
            {
                if (!await IsOursAsync(candidate) || Interlocked.Exchange(ref _isTaken, 1) != 0)
                {
                    return;
                }

                _listener.Dispose();
                await JoinAsync(candidate);
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One of the ends is gone; the other learns of it.
            }

            if (_isTaken != 0)
            {
                Dispose();
            }
        }
    }

    private async Task<bool> IsOursAsync(Socket candidate)
    {
        var head = new byte[MaxHead];
        var length = 0;
        while (length < head.Length)
        {
            var count = await candidate.ReceiveAsync(head.AsMemory(length), _lifetime.Token);
            length += count;
            if (count == 0)
            {
                return false;
            }

            if (head.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
            {
                const string Name = "Proxy-Authorization: ";
                var line = Encoding.ASCII.GetString(head, 0, length).Split("\r\n").FirstOrDefault(line => line.StartsWith(Name, StringComparison.OrdinalIgnoreCase));
                return line is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.ASCII.GetBytes(line[Name.Length..])), _expected);
            }
        }

        return false;
    }

    private async Task JoinAsync(Socket inward)
    {
        // An SSH server speaks first: nothing from it means that the host could not connect there.
        var first = new byte[CopySize];
        var count = await _outward.ReceiveAsync(first, _lifetime.Token);
        if (count == 0)
        {
            await SendAllAsync(inward, "HTTP/1.0 502 Unreachable\r\n\r\n"u8.ToArray());
            return;
        }

        await SendAllAsync(inward, "HTTP/1.0 200 OK\r\n\r\n"u8.ToArray());
        await SendAllAsync(inward, first.AsMemory(0, count));
        var ends = Task.WhenAny(CopyAsync(inward, _outward), CopyAsync(_outward, inward));
        await ends;
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[CopySize];
        try
        {
            while (await from.ReceiveAsync(buffer, _lifetime.Token) is > 0 and var count)
            {
                await SendAllAsync(to, buffer.AsMemory(0, count));
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of one direction ends both.
        }
    }

    private async Task SendAllAsync(Socket to, ReadOnlyMemory<byte> data)
    {
        while (!data.IsEmpty)
        {
            data = data[await to.SendAsync(data, _lifetime.Token)..];
        }
    }
}
