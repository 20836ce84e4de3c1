using System.Net.Sockets;

namespace Pulumi.Blanket.Agent.Commands;

/// <summary>Joins standard input and output to the agent's socket: all that a fabric's key may run.</summary>
internal static class ConnectCommand
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>What sshd says was asked for, where the key allows this command alone (sshd(8), "command").</summary>
    private const string AskedVariable = "SSH_ORIGINAL_COMMAND";

    /// <summary>What the plugin asks for to see whether the host still answers: that this program has run is the answer.</summary>
    private const string Probe = "true";

    public static async Task<int> RunAsync()
    {
        if (Environment.GetEnvironmentVariable(AskedVariable) == Probe)
        {
            return ExitCodes.Done;
        }

        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Not asynchronously, here and below: that makes the socket one that is polled, which takes a thread more on each way.
            socket.Connect(new UnixDomainSocketEndPoint(AgentPaths.Socket));
        }
        catch (SocketException fault)
        {
            await Console.Error.WriteLineAsync($"blanket-agent does not run on this host: {fault.Message}; see `systemctl status blanket-agent`");
            return ExitCodes.NotRunning;
        }

        await using NetworkStream agent = new(socket);
        await using var input = Console.OpenStandardInput();
        await using var output = Console.OpenStandardOutput();
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Start("inward", input, agent, ended);
        Start("outward", agent, output, ended);

        // Either side that ends, ends it: a half of HTTP/2 is of no use.
        await ended.Task;
        return ExitCodes.Done;
    }

    // A thread for each direction that waits in the kernel: every call to the agent passes here twice, and a hop between threads costs as much as all of the rest.
    private static void Start(string name, Stream from, Stream to, TaskCompletionSource ended) => new Thread(() =>
    {
        try
        {
            var buffer = new byte[BufferBytes];
            while (from.Read(buffer) is > 0 and var count)
            {
                to.Write(buffer.AsSpan(0, count));
            }
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException)
        {
            // That side is gone.
        }
        finally
        {
            ended.TrySetResult();
        }
    })
    { IsBackground = true, Name = name }.Start();
}
