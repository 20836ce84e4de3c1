using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>A lab whose three hosts are a fabric with a network and the lab's guest as an image, all made by a plugin that runs on.</summary>
internal sealed class BenchFabric : IAsyncDisposable
{
    private const int StorageGiB = 40;

    /// <summary>Guests do next to nothing, and there are many of them on few processors.</summary>
    private const int CpuOversubscription = 64;

    private readonly BenchLab _bench;
    private readonly ServerProcess _plugin;
    private PropertyValue _connection = NullValue.Instance;
    private string _network = "";
    private string _image = "";

    private BenchFabric(BenchLab bench, ServerProcess plugin) => (_bench, _plugin, Stack) = (bench, plugin, new BenchStack(plugin));

    public Lab.Lab Lab => _bench.Lab;

    public BenchStack Stack { get; }

    /// <summary>Addresses in the mesh, by member.</summary>
    public IReadOnlyDictionary<string, string> MeshAddresses { get; private set; } = new Dictionary<string, string>();

    /// <summary>What the <c>fabric</c> input of everything else is.</summary>
    public PropertyValue Connection => _connection;

    public static async Task<BenchFabric> UpAsync(CancellationToken cancellationToken)
    {
        var bench = await BenchLab.UpAsync(cancellationToken, StorageGiB);
        try
        {
            BenchFabric fabric = new(bench, await ServerProcess.StartAsync(ServerProcess.Plugin, [], cancellationToken, bench.Lab));
            await fabric.MakeAsync(cancellationToken);
            return fabric;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another plugin, as the next command starts one; it knows the fabric by the connection that its resources give.</summary>
    public async Task<ServerProcess> StartPluginAsync(CancellationToken cancellationToken)
    {
        var plugin = await ServerProcess.StartAsync(ServerProcess.Plugin, [], cancellationToken, Lab);
        await new BenchStack(plugin).ConfigureAsync(ObjectValue.Empty, cancellationToken);
        return plugin;
    }

    /// <summary>A guest of the lab's image with one network card and a seed.</summary>
    /// <param name="host">Null: where most room is.</param>
    public ObjectValue Machine(string name, string? host = null, bool running = true, string? image = null)
    {
        var machine = ObjectValue.Empty
            .With("name", name)
            .With("fabric", _connection)
            .With("memoryMiB", 128)
            .With("running", running)
            .With("disks", new ArrayValue([ObjectValue.Empty.With("image", image ?? _image)]))
            .With("networks", new ArrayValue([ObjectValue.Empty.With("network", _network)]))
            .With("cloudInit", ObjectValue.Empty);
        return host is null ? machine : machine.With("host", host);
    }

    /// <summary>The bridge of the machines' network, the same on all members.</summary>
    public string Bridge => $"bk{_network.Split('/')[1]}";

    /// <summary>Has the guest's image stay on all members: one that no machine there uses is removed.</summary>
    public Task KeepImageEverywhereAsync(CancellationToken cancellationToken)
        => Task.WhenAll(Lab.Hosts.Select(host => Stack.UpAsync("VirtualMachine", $"keeper-{host.Name}", Machine($"keeper-{host.Name}", host.Name, running: false), cancellationToken)));

    /// <summary>The member that a machine is on.</summary>
    public LabHost HostOf(BenchResource machine) => Lab.Host(machine.State.Fields["location"].StringValue);

    public async ValueTask DisposeAsync()
    {
        await _plugin.DisposeAsync();
        await _bench.DisposeAsync();
    }

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        await Stack.ConfigureAsync(ObjectValue.Empty.With("privateKey", new SecretValue(await File.ReadAllTextAsync(Lab.PrivateKeyFile, cancellationToken))), cancellationToken);
        var hosts = await Task.WhenAll(Lab.Hosts.Select(host => Stack.UpAsync("Host", host.Name, ObjectValue.Empty
            .With("name", host.Name).With("address", host.Address).With("cloud", host.Definition.Cloud)
            .With("oversubscription", ObjectValue.Empty.With("cpu", CpuOversubscription)), cancellationToken)));
        var fabric = StateOf(await Stack.UpAsync("Fabric", "fabric", ObjectValue.Empty
            .With("name", "blue").With("hosts", new ArrayValue([.. hosts.Select(host => StateOf(host)["connection"]!)])), cancellationToken));
        _connection = fabric["connection"]!;
        MeshAddresses = ((ArrayValue)fabric["members"]!.Bare).Items.Cast<ObjectValue>().ToDictionary(member => Text(member, "name"), member => Text(member, "meshAddress"));
        _network = (await Stack.UpAsync("Network", "lan", ObjectValue.Empty.With("name", "lan").With("fabric", _connection).With("cidr", "10.60.0.0/16"), cancellationToken)).Id;
        _image = (await Stack.UpAsync("Image", "guest", ObjectValue.Empty
            .With("name", "guest").With("fabric", _connection).With("source", Path.Combine(Lab.GuestFolder, "guest.qcow2")), cancellationToken)).Id;
    }

    private static ObjectValue StateOf(BenchResource resource) => PropertyCodec.DecodeObject(resource.State);

    private static string Text(ObjectValue value, string name) => ((StringValue)value[name]!.Bare).Text;
}
