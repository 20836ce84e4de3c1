using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pulumi.Blanket.Lab.Guest;

/// <summary>Broadcasts both counters in its network, a line a datagram: whoever hears it knows that the guest goes on, and what it has acknowledged.</summary>
internal sealed class Heartbeat(Counters counters)
{
    private const int Port = 9797;

    private readonly object _change = new();
    private volatile int _intervalMs;

    /// <summary>0: none, as at first.</summary>
    public int IntervalMs
    {
        get => _intervalMs;
        set
        {
            _intervalMs = value;
            lock (_change)
            {
                Monitor.PulseAll(_change);
            }
        }
    }

    public void Start() => new Thread(Beat) { IsBackground = true }.Start();

    private void Beat()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { EnableBroadcast = true };
        while (true)
        {
            WaitUntilOn();
            if (IntervalMs is var interval and > 0)
            {
                try
                {
                    socket.SendTo(Encoding.ASCII.GetBytes($"{counters.Memory} {counters.Disk}\n"), new IPEndPoint(IPAddress.Broadcast, Port));
                }
                catch (SocketException)
                {
                    // No network: nobody hears it, which is what it is for.
                }

                Thread.Sleep(interval);
            }
        }
    }

    /// <summary>An idle guest takes as little of its host as it can.</summary>
    private void WaitUntilOn()
    {
        lock (_change)
        {
            while (_intervalMs == 0)
            {
                Monitor.Wait(_change);
            }
        }
    }
}
