using Google.Protobuf;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Layers;
using Pulumi.Blanket.Agent.Moving;

namespace Pulumi.Blanket.Agent.Commands;

/// <summary>What the host is, for a look before it is adopted: the plugin runs it from where it put this file, and removes that again.</summary>
internal static class FactsCommand
{
    public static async Task<int> RunAsync()
    {
        await using HostLibvirt libvirt = new();
        using FabricStore fabrics = new();
        var facts = await new HostInspector(new HostStore(), libvirt, fabrics, new MoveStore(fabrics), new LayerProof()).InspectAsync(CancellationToken.None, ProofUse.Wait);
        await using var output = Console.OpenStandardOutput();
        facts.WriteTo(output);
        return ExitCodes.Done;
    }
}
