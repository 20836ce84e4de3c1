using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Machine;

namespace Pulumi.Blanket.Lab.Guests;

/// <summary>
/// Listens on several hosts to what a guest broadcasts in its network. A guest is heard on its own host whatever is cut between hosts, so that silence on all of them
/// means that it stands still.
/// </summary>
public sealed class Heartbeats : IAsyncDisposable
{
    /// <summary>How often the guest is to be told to beat.</summary>
    public const int IntervalMs = 50;

    private const int Port = 9797;
    private const int FirstAddress = 241;

    private readonly List<SegmentClient> _clients = [];
    private readonly List<Socket> _ears = [];
    private readonly List<Task> _listening = [];
    private readonly ConcurrentQueue<(long At, long Disk)> _heard = [];

    /// <param name="bridge">The network's bridge, the same on all hosts.</param>
    /// <param name="network">The network's first three bytes, such as <c>10.60.0</c>, of a /24 in which .241 and the next ones are free.</param>
    public static async Task<Heartbeats> ListenAsync(IEnumerable<LabHost> hosts, string bridge, string network)
    {
        Heartbeats beats = new();
        foreach (var host in hosts)
        {
            var client = await SegmentClient.JoinAsync(host, bridge, string.Create(CultureInfo.InvariantCulture, $"{network}.{FirstAddress + beats._clients.Count}/24"));
            beats._clients.Add(client);
            var ear = await NetworkNamespace.CreateSocketAsync(client.NamespacePath, SocketType.Dgram, ProtocolType.Udp);
            ear.Bind(new IPEndPoint(IPAddress.Any, Port));
            beats._ears.Add(ear);
            beats._listening.Add(beats.ListenAsync(ear));
        }

        return beats;
    }

    /// <summary>The longest time in which no host heard it, and the last value that it said to be on its disk.</summary>
    /// <exception cref="IOException">Nothing was heard.</exception>
    public (TimeSpan Silence, long Disk) Read()
    {
        var heard = _heard.OrderBy(beat => beat.At).ToList();
        return heard.Count > 1
            ? (heard.Zip(heard.Skip(1)).Max(pair => Stopwatch.GetElapsedTime(pair.First.At, pair.Second.At)), heard.Max(beat => beat.Disk))
            : throw new IOException("the guest's heartbeat was not heard");
    }

    public async ValueTask DisposeAsync()
    {
        _ears.ForEach(static ear => ear.Dispose());
        await Task.WhenAll(_listening);
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }
    }

    private async Task ListenAsync(Socket ear)
    {
        var buffer = new byte[64];
        try
        {
            while (true)
            {
                var length = await ear.ReceiveAsync(buffer);
                if (Encoding.ASCII.GetString(buffer, 0, length).TrimEnd().Split(' ') is [_, var disk])
                {
                    _heard.Enqueue((Stopwatch.GetTimestamp(), long.Parse(disk, CultureInfo.InvariantCulture)));
                }
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // It is over, or its host went down.
        }
    }
}
