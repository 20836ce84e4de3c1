using System.Net;
using System.Net.Sockets;

namespace Pulumi.Blanket.Probe;

/// <summary>Tells when the engine is gone that started a plugin.</summary>
internal static class Engines
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    /// <param name="address">Null for none, which never ends.</param>
    public static async Task WaitForEndAsync(string? address)
    {
        if (address is null)
        {
            await Task.Delay(Timeout.Infinite);
        }

        while (true)
        {
            await Task.Delay(Pace);
            try
            {
                using TcpClient client = new();
                await client.ConnectAsync(IPEndPoint.Parse(address!));
            }
            catch (SocketException)
            {
                return;
            }
        }
    }
}
