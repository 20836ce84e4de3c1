using System.Net.Sockets;

namespace Pulumi.Blanket.Agent.Commands;

/// <summary>Joins standard input and output to the agent's socket: all that a fabric's key may run.</summary>
internal static class ConnectCommand
{
    private const int BufferBytes = 64 * 1024;

    public static async Task<int> RunAsync()
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(AgentPaths.Socket));
        }
        catch (SocketException fault)
        {
            await Console.Error.WriteLineAsync($"blanket-agent does not run on this host: {fault.Message}; see `systemctl status blanket-agent`");
            return ExitCodes.NotRunning;
        }

        await using NetworkStream agent = new(socket);
        await using var input = Console.OpenStandardInput();
        await using var output = Console.OpenStandardOutput();
        var inward = CopyAsync(input, agent);
        var outward = CopyAsync(agent, output);

        // Either side that ends, ends it: a half of HTTP/2 is of no use.
        await Task.WhenAny(inward, outward);
        return 0;
    }

    private static async Task CopyAsync(Stream from, Stream to)
    {
        try
        {
            await from.CopyToAsync(to, BufferBytes);
        }
        catch (IOException)
        {
            // That side is gone.
        }
    }
}
