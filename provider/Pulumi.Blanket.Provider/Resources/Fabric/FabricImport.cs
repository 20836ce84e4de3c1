using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Resources.Host;
using Pulumi.Blanket.Provider.Resources.SshKey;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

/// <summary>
/// Brings an existing fabric into a state that knows nothing of it, by any member's address and the provider's credentials. The old
/// state's key is gone with it, so a new one is made and let in.
/// </summary>
internal sealed class FabricImport(AgentAccess access, OperationContext context)
{
    public async Task<Found<FabricInputs, FabricOutputs>> RunAsync(string id, CancellationToken cancellationToken)
    {
        var address = HostImportId.Parse(id, context.Configuration);
        var member = access.For(HostTargets.Of(address, context.Configuration), id, context.OperationId);
        var view = await member.GetFabricAsync(cancellationToken);
        var facts = view.Facts ?? throw new ProviderException(FailureReason.NotFound, $"the host behind {id} is in no fabric, so there is nothing to import; give the address of one that is");
        var hosts = facts.Members.Where(known => !known.Departing).Select(FabricTranslation.ToConnection).ToList();
        FabricInputs inputs = new()
        {
            Name = facts.Settings.Name,
            Hosts = hosts,
            MeshCidr = facts.Settings.MeshCidr,
            MeshPort = facts.Settings.MeshPort,
        };

        var pair = OpenSshKeyPair.Generate(SshKeyAlgorithm.Ed25519);
        var changed = await new FabricSettlement(access, context, inputs, pair.PublicKey).SettleAsync(facts.FabricId, [], cancellationToken);
        FabricConnection connection = new()
        {
            FabricId = changed.FabricId,
            Account = "blanket",
            PrivateKey = pair.PrivateKey,
            PublicKey = pair.PublicKey,
            Entries = FabricTranslation.Entries(changed, hosts),
        };
        return new(changed.FabricId, inputs, FabricTranslation.ToOutputs(changed, connection, facts.Members.Select(FabricTranslation.ToConnection), new Dictionary<string, string>()));
    }
}
