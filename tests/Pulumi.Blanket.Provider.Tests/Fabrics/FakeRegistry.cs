using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Resources.Network;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>What the members share. The first member with the name that is asked for, or the first that answers, has room for everything.</summary>
internal sealed class FakeRegistry(FakeFabric.Holder holder) : FabricRegistry.FabricRegistryBase
{
    private FabricFacts Facts => holder.Fabric.Facts;

    public override async Task<FabricFacts> Read(Empty request, ServerCallContext context)
    {
        await holder.Fabric.EnterAsync(context);
        lock (Facts)
        {
            return Facts.Clone();
        }
    }

    public override Task<NetworkFacts> PutNetwork(PutNetworkRequest request, ServerCallContext context) => ChangeAsync(context, () =>
    {
        var known = Facts.Networks.FirstOrDefault(network => request.Vni > 0 ? network.Vni == request.Vni : network.Urn == request.Urn && !request.NamedIds.Contains($"{FakeFabric.Id}/{network.Vni}"));
        if (known is null)
        {
            known = new NetworkFacts { Vni = (uint)Facts.Networks.Count + 1, Cidr = request.Cidr, Gateway = request.Gateway.Length > 0 ? request.Gateway : NetworkDefaults.FirstAddress(request.Cidr) };
            Facts.Networks.Add(known);
        }

        (known.Urn, known.Name, known.Mtu) = (request.Urn, request.Name, request.Mtu > 0 ? request.Mtu : 1330);
        known.Services = request.Services?.Clone() ?? new NetworkServices();
        known.Services.EgressMember = known.Services.EgressMember is { Length: > 0 } exit ? $"id-of-{exit}" : "";
        foreach (var port in known.Services.Exposed)
        {
            port.Member = $"id-of-{port.Member}";
        }

        return known.Clone();
    });

    public override Task<Empty> DropNetwork(DropNetworkRequest request, ServerCallContext context) => ChangeAsync(context, () =>
    {
        if (Facts.Machines.FirstOrDefault(machine => machine.Leases.Any(lease => lease.Vni == request.Vni)) is { } user)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, $"{user.Name} has an address in it"));
        }

        Facts.Networks.Remove(Facts.Networks.FirstOrDefault(network => network.Vni == request.Vni) ?? new NetworkFacts());
        return new Empty();
    });

    public override Task<ImageFacts> PutImage(PutImageRequest request, ServerCallContext context) => ChangeAsync(context, () =>
    {
        var known = Facts.Images.FirstOrDefault(image => image.Sha256 == request.Sha256);
        if (known is null)
        {
            known = new ImageFacts { Sha256 = request.Sha256, Home = Facts.Primary };
            Facts.Images.Add(known);
        }

        if (!known.Owners.Contains(request.Urn))
        {
            known.Owners.Add(request.Urn);
        }

        (known.Name, known.Source, known.Format) = (request.Name, request.Source, request.Format);
        return known.Clone();
    });

    public override Task<ImageFacts> CompleteImage(CompleteImageRequest request, ServerCallContext context) => ChangeAsync(context, () =>
    {
        var known = Facts.Images.Single(image => image.Sha256 == request.Sha256);
        known.Stored = request.Stored;
        return known.Clone();
    });

    public override Task<Empty> DropImage(DropImageRequest request, ServerCallContext context) => ChangeAsync(context, () =>
    {
        if (Facts.Images.FirstOrDefault(image => image.Sha256 == request.Sha256) is { } known && known.Owners.Remove(request.Urn) && known.Owners.Count == 0)
        {
            Facts.Images.Remove(known);
        }

        return new Empty();
    });

    public override Task<MachineClaim> ClaimMachine(ClaimMachineRequest request, ServerCallContext context) => ChangeAsync(context, () =>
    {
        var known = Facts.Machines.FirstOrDefault(claim => request.Uuid.Length > 0 ? claim.Uuid == request.Uuid : claim.Urn == request.Urn && !request.NamedIds.Contains(claim.Uuid));
        if (known is null)
        {
            known = new MachineClaim { Uuid = request.Uuid.Length > 0 ? request.Uuid : Guid.NewGuid().ToString(), Member = Choose(request.Host, request.Lost) };
            Facts.Machines.Add(known);
        }

        (known.Urn, known.Name, known.Vcpus, known.MemoryMib, known.StorageMib) = (request.Urn, request.Name, request.Vcpus, request.MemoryMib, request.StorageMib);
        known.Leases.Clear();
        known.Leases.Add(request.Nics.Select((card, index) => new Lease
        {
            Vni = card.Vni,
            Address = card.Address.Length > 0 ? card.Address : $"10.{card.Vni}.{Facts.Machines.IndexOf(known)}.{index + 2}",
            Mac = card.Mac.Length > 0 ? card.Mac : $"52:54:00:00:00:{index:x2}",
        }));
        known.Images.Clear();
        known.Images.Add(request.Images);
        known.Volumes.Clear();
        known.Volumes.Add(request.Volumes);
        return known.Clone();
    });

    public override Task<VolumeClaim> ClaimVolume(ClaimVolumeRequest request, ServerCallContext context) => ChangeAsync(context, () =>
    {
        var known = Facts.Volumes.FirstOrDefault(claim => request.Uuid.Length > 0 ? claim.Uuid == request.Uuid : claim.Urn == request.Urn && !request.NamedIds.Contains($"{FakeFabric.Id}/{claim.Uuid}"));
        if (known is null)
        {
            known = new VolumeClaim { Uuid = request.Uuid.Length > 0 ? request.Uuid : Guid.NewGuid().ToString(), Member = Choose(request.Host, request.Lost) };
            Facts.Volumes.Add(known);
        }

        (known.Urn, known.Name, known.SizeGib) = (request.Urn, request.Name, request.SizeGib);
        return known.Clone();
    });

    public override Task<Empty> Release(ReleaseClaimRequest request, ServerCallContext context) => ChangeAsync(context, () =>
    {
        Facts.Machines.Remove(Facts.Machines.FirstOrDefault(claim => claim.Uuid == request.Uuid) ?? new MachineClaim());
        Facts.Volumes.Remove(Facts.Volumes.FirstOrDefault(claim => claim.Uuid == request.Uuid) ?? new VolumeClaim());
        return new Empty();
    });

    private async Task<T> ChangeAsync<T>(ServerCallContext context, Func<T> change)
    {
        await holder.Fabric.EnterAsync(context, isChange: true);
        lock (Facts)
        {
            Facts.Version++;
            return change();
        }
    }

    private string Choose(string host, IEnumerable<string> lost)
        => holder.Fabric.Members.FirstOrDefault(member => (host.Length == 0 ? !member.IsSilent : member.Name == host) && !lost.Contains(member.MachineId))?.MachineId
            ?? throw new RpcException(new Status(StatusCode.FailedPrecondition, $"no member has room (host '{host}')"));
}
