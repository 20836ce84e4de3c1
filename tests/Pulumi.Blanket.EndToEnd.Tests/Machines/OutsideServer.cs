using System.Net;
using System.Net.Sockets;
using System.Text;
using Pulumi.Blanket.Lab;

namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>Somebody outside all clouds: tells each caller the address that it sees, and then counts, a line every 100 ms, until the caller leaves.</summary>
internal sealed class OutsideServer : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly Task _serving;

    private OutsideServer(Socket listener)
    {
        _listener = listener;
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public static string Address => Blanket.Lab.Lab.ControlAddress;

    public static async Task<OutsideServer> StartAsync(MachineLabBase lab)
    {
        var socket = await lab.Lab.CreateSocketAsync();
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        socket.Listen();
        return new(socket);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            _ = TalkAsync(await _listener.AcceptAsync());
        }
    }

    private static async Task TalkAsync(Socket caller)
    {
        using (caller)
        {
            try
            {
                await caller.SendAsync(Encoding.ASCII.GetBytes($"{((IPEndPoint)caller.RemoteEndPoint!).Address}\n"));
                for (var number = 1; ; number++)
                {
                    await Task.Delay(100);
                    await caller.SendAsync(Encoding.ASCII.GetBytes($"{number}\n"));
                }
            }
            catch (SocketException)
            {
                // The caller left.
            }
        }
    }
}
