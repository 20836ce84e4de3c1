using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Grpc.Net.Client;

namespace Pulumi.Blanket.Provider.Tests.Engine;

/// <summary>The plugin as an engine runs it: a process whose first line is its port, and a connection to it.</summary>
internal sealed class PluginProcess : IAsyncDisposable
{
    /// <summary>Names the plugin to test, where it is not the one that `make provider` puts into bin.</summary>
    private const string PluginVariable = "BLANKET_PLUGIN";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly PluginOptions _options;
    private readonly GrpcChannel _channel;

    private PluginProcess(Process process, FakeEngine engine, PluginOptions options, int port)
    {
        (_process, _options, Host, Port) = (process, options, engine, port);
        _channel = OpenChannel();
        Engine = new EngineSession(_channel);
    }

    public int Port { get; }

    /// <summary>The engine that the plugin can call.</summary>
    public FakeEngine Host { get; }

    /// <summary>Calls the plugin as an engine does.</summary>
    public EngineSession Engine { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What the plugin has written to standard error so far.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    public static string Path { get; } = Environment.GetEnvironmentVariable(PluginVariable) ?? InRepository("bin", "pulumi-resource-blanket");

    /// <summary>Starts a plugin with an engine behind it, and shakes hands.</summary>
    public static async Task<PluginProcess> StartAsync(PluginOptions? options = null)
    {
        options ??= new();
        Assert.True(File.Exists(Path), $"the plugin {Path} is missing; `make provider` builds it");
        var engine = await FakeEngine.StartAsync(await options.CreateListenerAsync());
        string[] command = [.. options.Prefix, Path, engine.Address, .. options.Arguments];
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in options.Environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        try
        {
            var line = await process.StandardOutput.ReadLineAsync().WaitAsync(StartLimit);
            PluginProcess plugin = new(process, engine, options, int.Parse(line!, CultureInfo.InvariantCulture));
            process.ErrorDataReceived += (_, data) =>
            {
                lock (plugin._errors)
                {
                    plugin._errors.AppendLine(data.Data);
                }
            };
            process.BeginErrorReadLine();
            await plugin.Engine.HandshakeAsync(engine.Address);
            return plugin;
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another connection to the same plugin.</summary>
    public GrpcChannel OpenChannel() => GrpcChannel.ForAddress($"http://127.0.0.1:{Port}", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            UseProxy = false,
            MaxResponseHeadersLength = 128, // KiB; a partial failure's state travels in a header
            ConnectCallback = async (_, token) => new NetworkStream(await ConnectAsync(token), ownsSocket: true),
        },
        DisposeHttpClient = true,
        MaxReceiveMessageSize = null,
        MaxSendMessageSize = null,
    });

    /// <summary>A bare connection to the plugin's port.</summary>
    public Task<Socket> ConnectAsync(CancellationToken cancellationToken) => _options.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), cancellationToken);

    /// <summary>What has come on standard output after the port; ends the process.</summary>
    public async Task<string> KillAndReadOutputAsync()
    {
        _process.Kill(entireProcessTree: true);
        return await _process.StandardOutput.ReadToEndAsync();
    }

    public void Signal(string name) => Process.Start("kill", [$"-{name}", Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();

    public Task WaitForExitAsync() => _process.WaitForExitAsync();

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        else
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"the plugin ended before with code {_process.ExitCode}: {Errors}");
        }

        _process.Dispose();
        await Host.DisposeAsync();
    }

    /// <summary>A file of the repository that these tests were built in.</summary>
    public static string InRepository(params string[] parts)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(folder, "Pulumi.Blanket.sln")))
        {
            folder = System.IO.Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("these tests run inside the repository");
        }

        return System.IO.Path.Combine([folder, .. parts]);
    }
}
