using System.Diagnostics;
using System.Globalization;
using Grpc.Net.Client;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>A server that prints its port: the plugin, or the bare one.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, int port, TimeSpan started)
    {
        (_process, Started) = (process, started);
        Channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
    }

    /// <summary>The published programs: the folder `bin` of the repository.</summary>
    public static string Folder { get; } = Path.GetFullPath(Environment.GetEnvironmentVariable("BLANKET_BIN") ?? "bin");

    public static string Plugin { get; } = Path.Combine(Folder, "pulumi-resource-blanket");

    public static string Bare { get; } = Path.Combine(Folder, "bench", "bare-grpc-server");

    /// <summary>From the start of the process to its line.</summary>
    public TimeSpan Started { get; }

    public GrpcChannel Channel { get; }

    /// <summary>MiB.</summary>
    public double ResidentMemory
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
    }

    public static async Task<ServerProcess> StartAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        var started = Stopwatch.GetElapsedTime(start);
        return new ServerProcess(process, int.Parse(line!, CultureInfo.InvariantCulture), started);
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
