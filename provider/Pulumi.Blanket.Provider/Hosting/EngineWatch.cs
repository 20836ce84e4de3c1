using System.Net.Sockets;

namespace Pulumi.Blanket.Provider.Hosting;

/// <summary>Notices that an engine died without ending its plugins, which would stay for ever.</summary>
internal static class EngineWatch
{
    /// <summary>Between two looks; after <see cref="Looks"/> in vain, the engine is taken for gone.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private const int Looks = 4;

    /// <summary>Ends when nobody has listened at the engine's address for a while; never without an address.</summary>
    public static async Task WaitUntilGoneAsync(string address, TimeSpan interval, CancellationToken cancellationToken)
    {
        ushort port = 0;
        var colon = address.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(address.AsSpan(colon + 1), out port))
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        for (var missed = 0; missed < Looks;)
        {
            await Task.Delay(interval, cancellationToken);
            try
            {
                using TcpClient client = new();
                await client.ConnectAsync(address[..colon], port, cancellationToken);
                missed = 0;
            }
            catch (SocketException)
            {
                missed++;
            }
        }
    }
}
