using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Provider.Agents;

/// <content>What the members of a fabric share. Changes are made by the primary alone.</content>
internal sealed partial class AgentClient
{
    private readonly FabricRegistry.FabricRegistryClient _registry = new(channel);

    public Task<FabricFacts> ReadRegistryAsync(CancellationToken cancellationToken) => AskAsync(options => _registry.ReadAsync(new(), options), cancellationToken, LookLimit);

    public Task<NetworkFacts> PutNetworkAsync(PutNetworkRequest request, CancellationToken cancellationToken)
        => AskAsync(options => _registry.PutNetworkAsync(request, options), cancellationToken);

    public Task DropNetworkAsync(uint vni, CancellationToken cancellationToken)
        => AskAsync(options => _registry.DropNetworkAsync(new DropNetworkRequest { Vni = vni }, options), cancellationToken);

    public Task<ImageFacts> PutImageAsync(PutImageRequest request, CancellationToken cancellationToken)
        => AskAsync(options => _registry.PutImageAsync(request, options), cancellationToken);

    public Task<ImageFacts> CompleteImageAsync(string sha256, StoredImage stored, CancellationToken cancellationToken)
        => AskAsync(options => _registry.CompleteImageAsync(new CompleteImageRequest { Sha256 = sha256, Stored = stored }, options), cancellationToken);

    public Task DropImageAsync(string urn, string sha256, CancellationToken cancellationToken)
        => AskAsync(options => _registry.DropImageAsync(new DropImageRequest { Urn = urn, Sha256 = sha256 }, options), cancellationToken);

    public Task<MachineClaim> ClaimMachineAsync(ClaimMachineRequest request, CancellationToken cancellationToken)
        => AskAsync(options => _registry.ClaimMachineAsync(request, options), cancellationToken);

    public Task<VolumeClaim> ClaimVolumeAsync(ClaimVolumeRequest request, CancellationToken cancellationToken)
        => AskAsync(options => _registry.ClaimVolumeAsync(request, options), cancellationToken);

    /// <summary>Gives back what a machine or volume holds.</summary>
    public Task ReleaseClaimAsync(string uuid, CancellationToken cancellationToken)
        => AskAsync(options => _registry.ReleaseAsync(new ReleaseClaimRequest { Uuid = uuid }, options), cancellationToken);
}
