using System.Net.Sockets;

namespace Pulumi.Blanket.Agent.Machine;

/// <summary>
/// Has the kernel end a connection whose other side is gone: what counts is what that side's kernel acknowledges, so that a program there may take its time. One that reads nothing at all for as long,
/// while more is sent than its kernel keeps for it, counts as gone, too. See tcp(7), <c>TCP_KEEPIDLE</c> and <c>TCP_USER_TIMEOUT</c>.
/// </summary>
internal static class SocketLiveness
{
    private const int SolTcp = 6;
    private const int TcpUserTimeout = 18;

    /// <param name="silence">After so long without a sign the other side is asked for one. Whole seconds.</param>
    /// <param name="interval">Between two of those questions. Whole seconds.</param>
    /// <param name="asks">So many in vain are the end; so is as long a time without an acknowledgement of what was sent.</param>
    public static void Watch(Socket socket, TimeSpan silence, TimeSpan interval, int asks)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(silence));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Seconds(interval));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, asks);
        socket.SetRawSocketOption(SolTcp, TcpUserTimeout, BitConverter.GetBytes((int)(silence + (interval * asks)).TotalMilliseconds));
    }

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)time.TotalSeconds);
}
