using System.Net;
using Pulumi.Blanket.EndToEnd.Tests.Fabrics;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>Three clouds with a fabric, a network and an image on it, made once by the plugin for all tests of machines; one host is behind NAT.</summary>
/// <param name="spare">Further hosts, which are in no fabric.</param>
public abstract class MachineLabBase(string name, params HostDefinition[] spare) : CloudLabBase(name,
[
    new HostDefinition { Name = "aws-1", Cloud = "aws", StorageGiB = 6 },
    new HostDefinition { Name = "gcp-1", Cloud = "gcp", StorageGiB = 6 },
    new HostDefinition { Name = "onprem-1", Cloud = "onprem", StorageGiB = 6, Behind = "aws-1" },
    .. spare,
])
{
    private FabricStack _fabric = null!;

    /// <summary>What a web server in the lab gives out.</summary>
    internal ImageServer Images { get; private set; } = null!;

    /// <summary>Inputs that resources on the fabric take.</summary>
    internal PropertyValue Fabric => _fabric.Fabric["connection"];

    internal string FabricId => _fabric.Fabric.Id;

    internal string Network => _fabric.Stack["lan"].Id;

    internal uint Vni => uint.Parse(Network.Split('/')[1], System.Globalization.CultureInfo.InvariantCulture);

    internal string Image => _fabric.Stack["guest"].Id;

    internal FabricStack Owner => _fabric;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (Lab is null)
        {
            return;
        }

        Images = await ImageServer.StartAsync(await Lab.CreateSocketAsync(), IPAddress.Parse(Blanket.Lab.Lab.ControlAddress), Lab.GuestFolder);
        _fabric = await FabricStack.StartAsync(this);
        await UpAsync(_fabric.Stack);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_fabric is not null)
        {
            await _fabric.Stack.DisposeAsync(); // the lab goes, and with it what is on its hosts
            await Images.DisposeAsync();
        }

        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>What a host may promise: the lab's machines have few processors, and tests make many small guests.</summary>
    internal ObjectValue RoomyHost(LabHost host) => HostInputs(host).With("oversubscription", ObjectValue.Empty.With("cpu", 16));

    /// <summary>A new stack that has the fabric's connection, as a second project does.</summary>
    internal Task<MachineStack> StartMachinesAsync() => MachineStack.StartAsync(this);

    private async Task UpAsync(Stack stack)
    {
        LabHost[] hosts = [Aws, Gcp, BehindNat];
        await Task.WhenAll(hosts.Select(host => stack.UpAsync("Host", host.Name, RoomyHost(host))));
        await stack.UpAsync("Fabric", "fabric", _fabric.Program(hosts));
        await stack.UpAsync("Network", "lan", ObjectValue.Empty.With("name", "lan").With("fabric", Fabric).With("cidr", "10.60.0.0/24"));
        await stack.UpAsync("Image", "guest", ObjectValue.Empty.With("name", "guest").With("fabric", Fabric).With("source", Images.UrlOf("guest.qcow2")).With("sha256", Images.HashOf("guest.qcow2")));
    }
}
