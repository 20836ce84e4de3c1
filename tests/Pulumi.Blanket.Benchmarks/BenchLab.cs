using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>A lab of prepared hosts in three clouds, and what an engine does to adopt them.</summary>
internal sealed class BenchLab : IAsyncDisposable
{
    private const string Name = "bench";
    private const string Type = "blanket:index:Host";

    private static readonly LabPaths Paths = LabPaths.FromEnvironment();

    private BenchLab(Lab.Lab lab) => Lab = lab;

    /// <summary>Why there can be no lab here; null where there can.</summary>
    public static string? Obstacle { get; } = Environment.IsPrivilegedProcess ? null : "it needs root, for a lab";

    public Lab.Lab Lab { get; }

    public static async Task<BenchLab> UpAsync(CancellationToken cancellationToken, int storageGiB = 2)
    {
        await Blanket.Lab.Lab.DownAsync(Name, Paths, cancellationToken);
        LabDefinition definition = new(Name,
        [
            new HostDefinition { Name = "aws-1", Cloud = "aws", StorageGiB = storageGiB },
            new HostDefinition { Name = "gcp-1", Cloud = "gcp", StorageGiB = storageGiB },
            new HostDefinition { Name = "onprem-1", Cloud = "onprem", StorageGiB = storageGiB },
        ]);
        return new BenchLab(await Blanket.Lab.Lab.UpAsync(definition, Paths, new Progress<LabProgress>(), cancellationToken: cancellationToken));
    }

    /// <summary>What one command of a user does: a new plugin, configured, adopts these hosts at once.</summary>
    /// <returns>The plugin, which runs on.</returns>
    public async Task<ServerProcess> AdoptAsync(IEnumerable<LabHost> hosts, CancellationToken cancellationToken)
    {
        var plugin = await ServerProcess.StartAsync(ServerProcess.Plugin, [], cancellationToken, Lab);
        try
        {
            ResourceProvider.ResourceProviderClient client = new(plugin.Channel);
            var settings = ObjectValue.Empty.With("privateKey", new SecretValue(await File.ReadAllTextAsync(Lab.PrivateKeyFile, cancellationToken)));
            await client.ConfigureAsync(new ConfigureRequest { Args = PropertyCodec.EncodeObject(settings), AcceptSecrets = true }, cancellationToken: cancellationToken);
            await Task.WhenAll(hosts.Select(host => CreateAsync(client, host, cancellationToken)));
            return plugin;
        }
        catch
        {
            await plugin.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await Blanket.Lab.Lab.DownAsync(Name, Paths);

    private static async Task CreateAsync(ResourceProvider.ResourceProviderClient client, LabHost host, CancellationToken cancellationToken)
    {
        var urn = $"urn:pulumi:dev::bench::{Type}::{host.Name}";
        var program = PropertyCodec.EncodeObject(ObjectValue.Empty.With("name", host.Name).With("address", host.Address).With("cloud", host.Definition.Cloud));
        var check = await client.CheckAsync(new CheckRequest { Urn = urn, Type = Type, Name = host.Name, News = program }, cancellationToken: cancellationToken);
        await client.CreateAsync(new CreateRequest { Urn = urn, Type = Type, Name = host.Name, Properties = check.Inputs }, cancellationToken: cancellationToken);
    }
}
