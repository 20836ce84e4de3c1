using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Fabrics;

/// <summary>A stack with hosts and one fabric named `fabric` on them.</summary>
internal sealed class FabricStack(CloudLabBase lab, Stack stack) : IAsyncDisposable
{
    public Stack Stack { get; } = stack;

    public StackResource Fabric => Stack["fabric"];

    public static async Task<FabricStack> StartAsync(CloudLabBase lab) => new(lab, await lab.StartStackAsync());

    /// <summary>What an `up` of a program with these hosts and a fabric of them does: hosts first, side by side.</summary>
    public async Task UpAsync(params LabHost[] hosts)
    {
        await Task.WhenAll(hosts.Select(host => Stack.UpAsync("Host", host.Name, lab.HostInputs(host))));
        await Stack.UpAsync("Fabric", "fabric", Program(hosts));
    }

    /// <summary>The fabric's inputs: what the hosts' outputs say.</summary>
    public ObjectValue Program(params LabHost[] hosts)
        => ObjectValue.Empty.With("name", "blue").With("hosts", new ArrayValue([.. hosts.Select(host => Stack[host.Name]["connection"])]));

    public IReadOnlyDictionary<string, string> Members => Fabric["members"] is ArrayValue members
        ? members.Items.Cast<ObjectValue>().ToDictionary(member => Text(member, "name"), member => Text(member, "status"))
        : throw new InvalidOperationException("there are no members");

    public async Task DeleteAsync(params LabHost[] hosts)
    {
        await Stack.DeleteAsync("fabric");
        await Task.WhenAll(hosts.Select(host => Stack.DeleteAsync(host.Name)));
    }

    public string MeshAddress(LabHost host)
        => ((ArrayValue)Fabric["members"]).Items.Cast<ObjectValue>().Where(member => Text(member, "name") == host.Name).Select(member => Text(member, "meshAddress")).Single();

    /// <summary>Whether one member reaches another over the mesh: its agent listens there.</summary>
    public async Task<bool> ReachesAsync(LabHost from, LabHost to)
        => (await from.RunAsync(["timeout", "2", "bash", "-c", $"exec 3<>/dev/tcp/{MeshAddress(to)}/51820"])).ExitCode == 0;

    /// <summary>A test that failed leaves nothing on which others would fail too.</summary>
    public async ValueTask DisposeAsync()
    {
        await Stack.DeleteRestAsync();
        await Stack.DisposeAsync();
    }

    private static string Text(ObjectValue value, string name) => ((StringValue)value[name]!.Bare).Text;
}
