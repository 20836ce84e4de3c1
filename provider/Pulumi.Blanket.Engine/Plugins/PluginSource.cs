using System.Diagnostics;
using System.Globalization;
using System.Text;
using Pulumi.Blanket.Protocol.Contract;

namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>Plugins as processes of this machine; <c>PULUMI_DEBUG_PROVIDERS=name:port</c> names those that run already, as with Pulumi.</summary>
public sealed class PluginSource(PluginFinder finder) : IProviderSource
{
    private const string DebugVariable = "PULUMI_DEBUG_PROVIDERS";

    /// <summary>How long a plugin may take to say its port: a busy machine needs its time, and one that ended is noticed at once.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    /// <summary>How long a plugin that was told to end may still take.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(2);

    private const int MostErrorCharacters = 64 * 1024;

    public async Task<ProviderConnection> ConnectAsync(string package, string version, string engineAddress, CancellationToken cancellationToken)
    {
        if (DebuggedPort(package) is { } debugged)
        {
            var channel = ProviderChannel.Open(debugged);
            ResourceProvider.ResourceProviderClient attached = new(channel);
            await attached.AttachAsync(new PluginAttach { Address = engineAddress }, cancellationToken: cancellationToken);
            return new ProviderConnection(attached, "", () =>
            {
                channel.Dispose();
                return ValueTask.CompletedTask;
            });
        }

        return await StartAsync(finder.Find(package, version), engineAddress, cancellationToken);
    }

    private static int? DebuggedPort(string package)
    {
        foreach (var pair in (Environment.GetEnvironmentVariable(DebugVariable) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = pair.Split(':');
            if (parts.Length == 2 && parts[0] == package)
            {
                return int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                    ? port
                    : throw new EngineException(EngineFailure.InvalidInput, $"{DebugVariable} has '{pair}', whose port is no number; it is a list of name:port");
            }
        }

        return null;
    }

    private static async Task<ProviderConnection> StartAsync(string path, string engineAddress, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(path, [engineAddress]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            throw new EngineException(EngineFailure.Plugin, $"the plugin {path} can't be started: {fault.Message}", fault);
        }

        StringBuilder errors = new();
        process.ErrorDataReceived += (_, line) =>
        {
            lock (errors)
            {
                // Of one that writes all its life only the beginning is of use here: it is told where the plugin does not start.
                if (errors.Length < MostErrorCharacters)
                {
                    errors.AppendLine(line.Data);
                }
            }
        };
        process.BeginErrorReadLine();
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(StartLimit, cancellationToken);
            if (!int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            {
                throw new EngineException(EngineFailure.Plugin, $"the plugin {path} said '{line}' where its port was expected{Said(errors)}");
            }

            _ = DrainAsync(process.StandardOutput);
            var channel = ProviderChannel.Open(port);
            ResourceProvider.ResourceProviderClient client = new(channel);
            return new ProviderConnection(client, Path.GetDirectoryName(path)!, async () =>
            {
                await EndAsync(process, client);
                channel.Dispose();
            });
        }
        catch (Exception fault)
        {
            process.Kill();
            process.Dispose();
            throw fault is TimeoutException
                ? new EngineException(EngineFailure.Plugin, $"the plugin {path} did not say its port within {StartLimit.TotalSeconds:0} s{Said(errors)}", fault)
                : fault;
        }
    }

    /// <summary>Whatever else a plugin writes there is nobody's; unread, it would fill the pipe, and the plugin would stand still.</summary>
    private static async Task DrainAsync(StreamReader output)
    {
        try
        {
            await output.BaseStream.CopyToAsync(Stream.Null);
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The plugin ended, or was ended.
        }
    }

    private static string Said(StringBuilder errors)
    {
        lock (errors)
        {
            return errors.ToString().Trim() is { Length: > 0 } text ? $"; it wrote: {text}" : "";
        }
    }

    // The engine ends a plugin by Cancel, after which it may be killed at any moment.
    private static async Task EndAsync(Process process, ResourceProvider.ResourceProviderClient client)
    {
        try
        {
            using CancellationTokenSource limit = new(EndLimit);
            await client.CancelAsync(new(), cancellationToken: limit.Token);
        }
        catch (Exception fault) when (fault is Grpc.Core.RpcException or OperationCanceledException)
        {
            // It has ended already, does not know the call, or does not answer.
        }

        process.Kill();
        process.Dispose();
    }
}
