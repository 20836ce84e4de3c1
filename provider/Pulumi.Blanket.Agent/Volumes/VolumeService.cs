using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Volumes;

/// <summary>The service <c>VolumeAgent</c>.</summary>
[OpenTo(CallerKinds.Root | CallerKinds.Account | CallerKinds.Member)]
internal sealed class VolumeService(FabricStore fabrics, VolumeStore store, IVolumeUsers users, HostLibvirt libvirt, PendingReleases releases) : VolumeAgent.VolumeAgentBase, IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);

    public override Task<VolumeView> Create(VolumeSpec request, ServerCallContext context) => LockedAsync(async cancellationToken =>
    {
        Checked(request);
        if (store.Find(request.Uuid) is { } known && known.Urn != request.Urn)
        {
            throw new AgentException(AgentFault.NotPossible, $"the volume {known.Name} ({known.Uuid}) belongs to {known.Urn}; import it there, or give it another name");
        }

        store.Write(request);
        if (!File.Exists(VolumeStore.PathOf(request.Uuid)))
        {
            await QemuImage.CreateAsync(VolumeStore.PathOf(request.Uuid), request.SizeGib << 30, basePath: null, baseFormat: null, cancellationToken);
        }

        return await ViewAsync(request, cancellationToken);
    }, context.CancellationToken);

    public override async Task<VolumeView> Get(VolumeRequest request, ServerCallContext context)
        => await ViewAsync(store.Find(request.Uuid) ?? throw Missing(request.Uuid), context.CancellationToken);

    public override async Task<VolumeList> List(Empty request, ServerCallContext context)
    {
        VolumeList list = new();
        foreach (var spec in store.List())
        {
            list.Volumes.Add(await ViewAsync(spec, context.CancellationToken));
        }

        return list;
    }

    public override Task<VolumeView> Update(VolumeSpec request, ServerCallContext context) => LockedAsync(async cancellationToken =>
    {
        Checked(request);
        var known = store.Find(request.Uuid) ?? throw Missing(request.Uuid);
        var size = QemuImage.ReadSize(VolumeStore.PathOf(request.Uuid)) ?? throw new AgentException(AgentFault.NotPossible, $"the disk of the volume {known.Name} is missing: {VolumeStore.PathOf(request.Uuid)}");
        if (request.SizeGib << 30 < size)
        {
            throw new AgentException(AgentFault.BadRequest, $"sizeGiB is {request.SizeGib}, and the volume {known.Name} has {size >> 30} GiB; a volume never shrinks");
        }

        if (request.SizeGib << 30 > size)
        {
            await GrowAsync(request, cancellationToken);
        }

        store.Write(request);
        return await ViewAsync(request, cancellationToken);
    }, context.CancellationToken);

    public override Task<Empty> Delete(VolumeRequest request, ServerCallContext context) => LockedAsync(async cancellationToken =>
    {
        var fabricId = fabrics.Current?.FabricId ?? "";
        if (store.Find(request.Uuid) is { } known)
        {
            if (await users.FindAsync(request.Uuid, cancellationToken) is { } user)
            {
                throw new AgentException(AgentFault.NotPossible, $"the volume {known.Name} is used by {user.Name}; take it out of that one's `disks`, or delete that, first");
            }

            store.Delete(request.Uuid);
            releases.Add(fabricId, request.Uuid);
        }

        return new Empty();
    }, context.CancellationToken);

    public void Dispose() => _oneAtATime.Dispose();

    private async Task GrowAsync(VolumeSpec spec, CancellationToken cancellationToken)
    {
        var path = VolumeStore.PathOf(spec.Uuid);
        if (await users.FindAsync(spec.Uuid, cancellationToken) is { IsActive: true } user)
        {
            await (await libvirt.GetAsync(cancellationToken)).ResizeDiskAsync(user.Domain, path, (ulong)spec.SizeGib << 30, cancellationToken);
            return;
        }

        await QemuImage.GrowAsync(path, spec.SizeGib << 30, cancellationToken);
    }

    private async Task<VolumeView> ViewAsync(VolumeSpec spec, CancellationToken cancellationToken)
    {
        var shown = spec.Clone();
        shown.SizeGib = QemuImage.ReadSize(VolumeStore.PathOf(spec.Uuid)) is { } size ? size >> 30 : 0;
        return new VolumeView { Spec = shown, Location = MachineFacts.MachineId, UsedBy = (await users.FindAsync(spec.Uuid, cancellationToken))?.Uuid ?? "" };
    }

    private static void Checked(VolumeSpec spec)
    {
        if (!RegistryCheck.IsUuid(spec.Uuid) || spec.SizeGib is < 1 or > 1 << 20)
        {
            throw new AgentException(AgentFault.BadRequest, $"a volume needs a UUID, and a size from 1 to {1 << 20} GiB; it was given '{spec.Uuid}' and {spec.SizeGib}");
        }
    }

    private static RpcException Missing(string uuid) => new(new Status(StatusCode.NotFound, $"this member does not have the volume {uuid}"));

    private async Task<T> LockedAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            return await work(cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }
}
