using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Grpc.Net.Client;
using Pulumi.Blanket.Lab;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>A server that prints its port: the plugin, or the bare one; on this machine, or where the clients of a lab live.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, int port, TimeSpan started, Lab.Lab? lab)
    {
        (_process, Started) = (process, started);
        Channel = lab is null ? GrpcChannel.ForAddress($"http://127.0.0.1:{port}") : GrpcChannel.ForAddress($"http://127.0.0.1:{port}", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                UseProxy = false,
                ConnectCallback = async (_, token) => new NetworkStream(await lab.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), token), ownsSocket: true),
            },
            DisposeHttpClient = true,
        });
    }

    /// <summary>The published programs: the folder `bin` of the repository.</summary>
    public static string Folder { get; } = Path.GetFullPath(Environment.GetEnvironmentVariable("BLANKET_BIN") ?? "bin");

    public static string Plugin { get; } = Path.Combine(Folder, "pulumi-resource-blanket");

    public static string Calls { get; } = Path.Combine(Folder, "bench", "agent-calls");

    public static string Bare { get; } = Path.Combine(Folder, "bench", "bare-grpc-server");

    /// <summary>From the start of the process to its line.</summary>
    public TimeSpan Started { get; }

    public GrpcChannel Channel { get; }

    /// <summary>MiB.</summary>
    public double ResidentMemory
    {
        get
        {
            // In a lab the process that was started is the one that enters it, and the server its child.
            var children = File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Trim();
            var line = File.ReadLines($"/proc/{(children.Length == 0 ? _process.Id : children)}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
    }

    /// <param name="lab">In whose control namespace it runs; null: on this machine.</param>
    public static async Task<ServerProcess> StartAsync(string program, string[] arguments, CancellationToken cancellationToken, Lab.Lab? lab = null)
    {
        var (command, all) = lab?.ControlCommand("/", [program, .. arguments]) ?? (program, arguments);
        var start = Stopwatch.GetTimestamp();
        var process = Process.Start(new ProcessStartInfo(command, all) { RedirectStandardOutput = true })!;
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        var started = Stopwatch.GetElapsedTime(start);
        return new ServerProcess(process, int.Parse(line!, CultureInfo.InvariantCulture), started, lab);
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
