using System.Net.Sockets;
using System.Text;

namespace Pulumi.Blanket.Agent.Serving;

/// <summary>Tells systemd how the service stands (sd_notify's protocol: a datagram to the socket that it names).</summary>
internal static class ServiceNotification
{
    public static void Send(string state)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 1 } path)
        {
            return;
        }

        using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path));
        socket.Send(Encoding.UTF8.GetBytes(state));
    }
}
