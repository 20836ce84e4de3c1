using System.Collections.Concurrent;
using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Resources.Fabric;

namespace Pulumi.Blanket.Provider.Agents;

/// <summary>How everything on fabrics reaches their members, with nothing but a fabric's connection.</summary>
internal sealed class FabricAccess(AgentAccess access)
{
    private readonly ConcurrentDictionary<string, FabricMemory> _memories = new(StringComparer.Ordinal);

    /// <summary>A fabric for one operation; nothing is dialled yet.</summary>
    public FabricSession Open(FabricConnection fabric, ProviderConfiguration configuration, string operationId)
        => new(access, _memories.GetOrAdd(KeyOf(fabric), static _ => new FabricMemory()), fabric, configuration, operationId);

    public FabricSession Open(FabricConnection fabric, OperationContext context) => Open(fabric, context.Configuration, context.OperationId);

    // Who has another key, or goes another way, has to find out for itself.
    private static string KeyOf(FabricConnection fabric)
        => string.Join(' ', [fabric.FabricId, fabric.PublicKey, .. fabric.Entries.Select(entry => $"{entry.Address} {entry.Port} {entry.HostKey}")]);
}
