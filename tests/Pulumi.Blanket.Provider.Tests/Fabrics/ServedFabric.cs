using Grpc.Core;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Resources.Image;
using Pulumi.Blanket.Provider.Resources.Network;
using Pulumi.Blanket.Provider.Resources.VirtualMachine;
using Pulumi.Blanket.Provider.Resources.Volume;
using Pulumi.Blanket.Provider.Tests.Engine;
using Pulumi.Blanket.Provider.Tests.Support;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>The plugin's resources on a fabric that needs no host.</summary>
internal sealed class ServedFabric : IAsyncDisposable
{
    public const string Network = "blanket:index:Network";
    public const string Image = "blanket:index:Image";
    public const string Volume = "blanket:index:Volume";
    public const string Machine = "blanket:index:VirtualMachine";

    private readonly ServedPackage _package;

    private ServedFabric(ServedPackage package, FakeFabric fabric) => (_package, Fabric) = (package, fabric);

    public FakeFabric Fabric { get; }

    public EngineSession Engine => _package.Engine;

    /// <summary>What the user was told, progress left out.</summary>
    public IEnumerable<string> Told => _package.Host.Logs.Where(log => !log.Ephemeral).Select(log => log.Message);

    public IEnumerable<string> Progress => _package.Host.Logs.Where(log => log.Ephemeral).Select(log => log.Message);

    public static async Task<ServedFabric> StartAsync(int entries = 2, ObjectValue? configuration = null)
    {
        var fabric = await FakeFabric.StartAsync(entries);
        var package = await ServedPackage.StartAsync(new NetworkResource(fabric.Access), new ImageResource(fabric.Access), new VolumeResource(fabric.Access), new VirtualMachineResource(fabric.Access));
        ServedFabric served = new(package, fabric);
        await served.ConfigureAsync(configuration ?? ObjectValue.Empty);
        return served;
    }

    public Task<ConfigureResponse> ConfigureAsync(ObjectValue settings) => Engine.ConfigureAsync(settings);

    /// <summary>Checks and creates, as an engine does.</summary>
    public async Task<(string Id, ObjectValue Inputs, ObjectValue State)> CreateAsync(string type, string name, ObjectValue program)
    {
        var inputs = await Engine.CheckedAsync(type, name, program);
        var made = await Engine.CreateAsync(type, name, inputs);
        return (made.Id, inputs, PropertyCodec.DecodeObject(made.Properties));
    }

    /// <summary>What an `up` of this program finds to do.</summary>
    public async Task<DiffResponse> DiffAsync(string type, string name, (string Id, ObjectValue Inputs, ObjectValue State) old, ObjectValue program)
        => await Engine.DiffAsync(type, name, old.Id, old.Inputs, old.State, await Engine.CheckedAsync(type, name, program, old.Inputs));

    public async Task<(string Id, ObjectValue Inputs, ObjectValue State)> UpdateAsync(string type, string name, (string Id, ObjectValue Inputs, ObjectValue State) old, ObjectValue program)
    {
        var inputs = await Engine.CheckedAsync(type, name, program, old.Inputs);
        return (old.Id, inputs, PropertyCodec.DecodeObject((await Engine.UpdateAsync(type, name, old.Id, old.Inputs, old.State, inputs)).Properties));
    }

    public async Task<(string Id, ObjectValue Inputs, ObjectValue State)> ReadAsync(string type, string name, (string Id, ObjectValue Inputs, ObjectValue State) old)
        => Read(await Engine.ReadAsync(type, name, old.Id, old.Inputs, old.State));

    /// <summary>Imports with the fabric's connection as the provider's configuration.</summary>
    public async Task<(string Id, ObjectValue Inputs, ObjectValue State)> ImportAsync(string type, string name, string id)
    {
        await ConfigureAsync(Objects.Of(("fabric", Fabric.Connection)));
        return Read(await Engine.ReadAsync(type, name, id));
    }

    public static async Task<RpcException> FailureAsync(Func<Task> work) => await Assert.ThrowsAsync<RpcException>(work);

    public async ValueTask DisposeAsync()
    {
        await _package.DisposeAsync();
        await Fabric.DisposeAsync();
    }

    private static (string, ObjectValue, ObjectValue) Read(ReadResponse response)
        => (response.Id, response.Inputs is null ? ObjectValue.Empty : PropertyCodec.DecodeObject(response.Inputs), response.Properties is null ? ObjectValue.Empty : PropertyCodec.DecodeObject(response.Properties));
}
