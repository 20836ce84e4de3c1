using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Members;

/// <summary>The service <c>FabricRegistry</c>: every member tells what it knows, the primary's agent alone changes it.</summary>
[OpenTo(CallerKinds.Root | CallerKinds.Account | CallerKinds.Member)]
internal sealed class RegistryService(FabricStore store, FabricMember member, PeerHealth health, AgentClock clock) : FabricRegistry.FabricRegistryBase
{
    private static readonly Empty Nothing = new();
    private static readonly IReadOnlySet<string> Nobody = new HashSet<string>();

    public override Task<FabricFacts> Read(Empty request, ServerCallContext context)
    {
        var facts = store.Current?.Clone() ?? throw new AgentException(AgentFault.NotPossible, "this host is in no fabric");
        facts.CaKey = "";
        return Task.FromResult(facts);
    }

    public override async Task<NetworkFacts> PutNetwork(PutNetworkRequest request, ServerCallContext context)
    {
        var made = await ChangeAsync(facts => NetworkChange.Put(facts, request));
        await member.ActAsync(context.CancellationToken);
        return made;
    }

    public override async Task<Empty> DropNetwork(DropNetworkRequest request, ServerCallContext context)
    {
        await TryChangeAsync(facts => NetworkChange.Drop(facts, request.Vni));
        await member.ActAsync(context.CancellationToken);
        return Nothing;
    }

    public override Task<ImageFacts> PutImage(PutImageRequest request, ServerCallContext context)
        => ChangeAsync(facts => ImageChange.Put(facts, request, MachineFacts.MachineId));

    public override Task<ImageFacts> CompleteImage(CompleteImageRequest request, ServerCallContext context)
        => ChangeAsync(facts => ImageChange.Complete(facts, request));

    public override async Task<Empty> DropImage(DropImageRequest request, ServerCallContext context)
    {
        await TryChangeAsync(facts => ImageChange.Drop(facts, request));
        return Nothing;
    }

    public override async Task<MachineClaim> ClaimMachine(ClaimMachineRequest request, ServerCallContext context)
    {
        var claim = await ClaimAsync(request.Host, (facts, silent) => ClaimChange.ClaimMachine(facts, request, silent, MakeUuid), context.CancellationToken);
        await member.TryActAsync(context.CancellationToken);
        return claim;
    }

    public override Task<VolumeClaim> ClaimVolume(ClaimVolumeRequest request, ServerCallContext context)
        => ClaimAsync(request.Host, (facts, silent) => ClaimChange.ClaimVolume(facts, request, silent, MakeUuid), context.CancellationToken);

    public override async Task<Empty> Release(ReleaseClaimRequest request, ServerCallContext context)
    {
        await TryChangeAsync(facts => ClaimChange.Release(facts, [request.Uuid]));
        await member.TryActAsync(context.CancellationToken);
        return Nothing;
    }

    /// <summary>A disk that had no room a moment ago may have some: members tell it by themselves, in a while.</summary>
    private async Task<T> ClaimAsync<T>(string host, Func<FabricFacts, IReadOnlySet<string>, T> claim, CancellationToken cancellationToken)
        where T : class
    {
        for (var waited = Stopwatch.StartNew(); ; await clock.DelayAsync(clock.Timeouts.RoomPoll, cancellationToken))
        {
            try
            {
                return await TryClaimAsync(host, claim, cancellationToken);
            }
            catch (AgentException fault) when (fault.MayPass && waited.Elapsed < clock.Timeouts.RoomNews)
            {
                // Refused in the end, if nothing changes.
            }
        }
    }

    /// <param name="host">Where the user wants it: then nobody is chosen by who answers.</param>
    private async Task<T> TryClaimAsync<T>(string host, Func<FabricFacts, IReadOnlySet<string>, T> claim, CancellationToken cancellationToken)
        where T : class
    {
        if (host.Length > 0)
        {
            return await ChangeAsync(facts => claim(facts, Nobody));
        }

        var silent = await health.SilentAsync(cancellationToken: cancellationToken);
        try
        {
            return await ChangeAsync(facts => claim(facts, silent));
        }
        catch (AgentException fault) when (fault.Fault == AgentFault.NotPossible && silent.Count > 0)
        {
            // Who missed one question a moment ago may be the one with room.
            silent = await health.SilentAsync(silent, cancellationToken);
            return await ChangeAsync(facts => claim(facts, silent));
        }
    }

    private static string MakeUuid() => Guid.NewGuid().ToString();

    private async Task<T> ChangeAsync<T>(Func<FabricFacts, T> change)
        where T : class
    {
        T? result = null;
        await TryChangeAsync(facts =>
        {
            result = change(facts);
            return true;
        });
        return result!;
    }

    /// <param name="change">Changes the facts that it is given; false where there was nothing to change.</param>
    private Task TryChangeAsync(Func<FabricFacts, bool> change) => store.ChangeRegistryAsync(MachineFacts.MachineId, change);
}
