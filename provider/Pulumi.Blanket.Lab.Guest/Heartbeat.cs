using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pulumi.Blanket.Lab.Guest;

/// <summary>Broadcasts both counters in its network, a line a datagram: whoever hears it knows that the guest goes on, and what it has acknowledged.</summary>
internal sealed class Heartbeat(Counters counters)
{
    private const int Port = 9797;

    private readonly Dial _interval = new();

    /// <summary>0: none, as at first.</summary>
    public int IntervalMs
    {
        get => _interval.Value;
        set => _interval.Value = value;
    }

    public void Start() => new Thread(Beat) { IsBackground = true }.Start();

    private void Beat()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { EnableBroadcast = true };
        while (true)
        {
            var interval = _interval.WaitUntilOn();
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
