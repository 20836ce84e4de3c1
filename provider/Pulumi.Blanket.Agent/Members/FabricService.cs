using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Volumes;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Members;

/// <summary>The service <c>FabricAgent</c>: what every holder of the fabric's account key may ask.</summary>
[OpenTo(CallerKinds.Root | CallerKinds.Account | CallerKinds.Member)]
internal sealed class FabricService(FabricStore store, FabricLocks locks, HostLibvirt libvirt, VolumeStore volumes, IHostApplicationLifetime host) : FabricAgent.FabricAgentBase
{
    private const string FabricLock = "fabric";

    private static readonly Empty Nothing = new();

    public override async Task<FabricView> Get(Empty request, ServerCallContext context)
    {
        FabricView view = new() { MachineId = MachineFacts.MachineId };
        if (store.Current is { } facts)
        {
            view.Facts = facts.Clone();
            view.Facts.CaKey = "";
            view.Links.AddRange(await Mesh.ReadLinksAsync(facts, context.CancellationToken));
            view.Domains.AddRange(await DomainsAsync(facts.FabricId, context.CancellationToken));
            view.Domains.AddRange(volumes.List().Select(volume => $"the volume {volume.Name}"));
        }

        return view;
    }

    public override async Task Hold(HoldRequest request, IServerStreamWriter<HoldEvent> responseStream, ServerCallContext context)
    {
        if (store.Current is { } facts && facts.Primary != MachineFacts.MachineId)
        {
            throw new AgentException(AgentFault.Changed, "this member is not the fabric's primary, which alone gives its locks; look again who that is");
        }

        if (request.Name != FabricLock)
        {
            throw new AgentException(AgentFault.BadRequest, $"there is no lock '{request.Name}'; there is '{FabricLock}'");
        }

        // Locks are in memory: they end with the agent, which is not to wait for them.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, host.ApplicationStopping);
        using var hold = await locks.HoldAsync(
            request.Name, request.Holder, other => responseStream.WriteAsync(new HoldEvent { WaitingFor = other }, end.Token), end.Token);
        await responseStream.WriteAsync(new HoldEvent { Held = Nothing }, end.Token);
        await Task.Delay(Timeout.Infinite, end.Token);
    }

    [Unlogged]
    public override Task<Empty> Ping(Empty request, ServerCallContext context) => Task.FromResult(Nothing);

    private async Task<IEnumerable<string>> DomainsAsync(string fabricId, CancellationToken cancellationToken)
    {
        if (!HostLibvirt.IsInstalled)
        {
            return [];
        }

        try
        {
            var domains = await BlanketDomains.ListAsync(await libvirt.GetAsync(cancellationToken), cancellationToken);
            return domains.Where(domain => domain.FabricId == fabricId).Select(domain => domain.Name);
        }
        catch (LibvirtException fault)
        {
            throw new AgentException(AgentFault.Unavailable, $"libvirtd did not say which virtual machines are on the host: {fault.Message}", fault);
        }
    }
}
