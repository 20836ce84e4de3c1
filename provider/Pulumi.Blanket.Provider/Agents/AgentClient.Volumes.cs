using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Provider.Agents;

/// <content>The volumes on one member.</content>
internal sealed partial class AgentClient
{
    private readonly VolumeAgent.VolumeAgentClient _volumes = new(channel);

    public Task<VolumeView> CreateVolumeAsync(VolumeSpec volume, CancellationToken cancellationToken) => AskAsync(options => _volumes.CreateAsync(volume, options), cancellationToken);

    /// <returns>Null where this member does not have it.</returns>
    public Task<VolumeView?> FindVolumeAsync(string uuid, CancellationToken cancellationToken)
        => FindAsync(options => _volumes.GetAsync(new VolumeRequest { Uuid = uuid }, options), cancellationToken);

    public Task<VolumeList> ListVolumesAsync(CancellationToken cancellationToken) => AskAsync(options => _volumes.ListAsync(new(), options), cancellationToken, LookLimit);

    public Task<VolumeView> UpdateVolumeAsync(VolumeSpec volume, CancellationToken cancellationToken) => AskAsync(options => _volumes.UpdateAsync(volume, options), cancellationToken);

    public Task DeleteVolumeAsync(string uuid, CancellationToken cancellationToken)
        => AskAsync(options => _volumes.DeleteAsync(new VolumeRequest { Uuid = uuid }, options), cancellationToken);
}
