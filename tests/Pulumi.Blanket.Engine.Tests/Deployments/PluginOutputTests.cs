using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Pulumi.Blanket.Engine.Plugins;

namespace Pulumi.Blanket.Engine.Tests.Deployments;

/// <summary>What a plugin writes beside its port is read, and goes nowhere: a pipe that is full would have it stand still.</summary>
public sealed class PluginOutputTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("blanket-plugin-").FullName;

    [Fact]
    public async Task APluginThatWritesMegabytesGoesOn()
    {
        // The probe itself, whose output a shell passes on and adds 8 MiB to, on both ways; a pipe holds 64 KiB.
        var plugin = Path.Combine(_folder, "pulumi-resource-probe");
        await File.WriteAllTextAsync(plugin, $$"""
            #!/bin/sh
            mkfifo "{{_folder}}/output"
            {
                read -r port
                echo "$port"
                head -c 8388608 /dev/zero | tr '\0' 'x'
                head -c 8388608 /dev/zero | tr '\0' 'y' | fold -w 100 >&2
                touch "{{_folder}}/done"
                cat > /dev/null
            } < "{{_folder}}/output" &
            exec "{{Probe}}" "$@" > "{{_folder}}/output"
            """, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(plugin, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using TcpListener engine = new(IPAddress.Loopback, 0);
        engine.Start();
        PluginSource source = new(new PluginFinder(ImmutableSortedDictionary<string, string>.Empty.Add("probe", plugin), _folder, _folder));
        await using var connection = await source.ConnectAsync("probe", "", engine.LocalEndpoint.ToString()!, TestContext.Current.CancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1)); // it would stand still for ever
        while (!File.Exists(Path.Combine(_folder, "done")))
        {
            await Task.Delay(50, limit.Token);
        }

        await connection.Client.GetPluginInfoAsync(new(), cancellationToken: limit.Token);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Probe { get; } = Path.Combine(AppContext.BaseDirectory, "pulumi-resource-probe");
}
