using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>The service <c>MovePeer</c>, for the other member of a move.</summary>
[OpenTo(CallerKinds.Member)]
internal sealed class MovePeerService(IncomingMoves incoming, MoveRoom room, MoveStore store, MachineCatalog catalog, FabricStore fabrics, IHostApplicationLifetime host) : MovePeer.MovePeerBase
{
    private static readonly Empty Nothing = new();

    public override async Task<Empty> Prepare(MoveOrder request, ServerCallContext context)
    {
        await incoming.PrepareAsync(request, Caller.Of(context).MachineId, context.CancellationToken);
        return Nothing;
    }

    public override async Task JoinLibvirt(IAsyncStreamReader<LibvirtBytes> requestStream, IServerStreamWriter<LibvirtBytes> responseStream, ServerCallContext context)
    {
        // Only for as long as a VM of that member is expected: who has it can do everything that libvirt can.
        var caller = Caller.Of(context).MachineId;
        var numbers = Expected().ToHashSet(StringComparer.Ordinal); // those that come later have a call of their own
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, host.ApplicationStopping);
        store.Advanced += EndWithTheMoves;
        try
        {
            if (numbers.Count == 0)
            {
                throw new AgentException(AgentFault.NotPossible, "no machine of that member is expected here, so that it has no business with the libvirtd");
            }

            EndWithTheMoves(); // which may have ended before that was listened for
            await LibvirtBridge.JoinAsync(requestStream, responseStream, end.Token);
        }
        finally
        {
            store.Advanced -= EndWithTheMoves;
        }

        IEnumerable<string> Expected() => store.Open.Where(record => record.Phase == MovePhase.Expected && !record.Order.Offline && record.Order.Source == caller).Select(static record => record.Order.Number);
        void EndWithTheMoves()
        {
            try
            {
                if (Expected().Any(numbers.Contains))
                {
                    return;
                }
            }
            catch (AgentException)
            {
                // Nobody knows any more what is expected.
            }

            end.Cancel();
        }
    }

    public override async Task<Empty> Receive(IAsyncStreamReader<MovedBytes> requestStream, ServerCallContext context)
    {
        await incoming.ReceiveAsync(requestStream, Caller.Of(context).MachineId, context.CancellationToken);
        return Nothing;
    }

    public override Task<MoveConclusion> Conclude(MoveVerdict request, ServerCallContext context)
    {
        if (store.Find(request.Uuid) is { } record)
        {
            RefuseOthers(context, record.Order.Source);
        }

        return incoming.ConcludeAsync(request, CancellationToken.None);
    }

    public override async Task<MoveVerdict> Ask(MoveQuestion request, ServerCallContext context)
    {
        MoveVerdict verdict = new() { Uuid = request.Uuid, Number = request.Number };
        if (store.Find(request.Uuid) is { } record && record.Order.Number == request.Number)
        {
            RefuseOthers(context, record.Order.Target);
            verdict.Fate = record.Phase switch
            {
                MovePhase.Kept => MoveFate.Mine,
                MovePhase.HandedOver => MoveFate.Gone,
                _ => MoveFate.Busy,
            };
            verdict.MemoryLost = record.MemoryLost;
        }
        else
        {
            // A closed move of a machine that is here was none that succeeded.
            verdict.Fate = await catalog.FindAsync(request.Uuid, context.CancellationToken) is not null ? MoveFate.Mine : MoveFate.Unknown;
        }

        return verdict;
    }

    public override async Task<MoveSight> Inspect(MoveQuestion request, ServerCallContext context)
        => new() { State = await incoming.InspectAsync(request, context.CancellationToken) };

    public override Task<WaitingMoves> ListWaiting(Empty request, ServerCallContext context) => Task.FromResult(new WaitingMoves { Moves = { room.Waiting } });

    public override async Task<Empty> Hold(HoldMoveRequest request, ServerCallContext context)
    {
        await ChangeAsync(request.FabricId, facts =>
        {
            RefuseOthers(context, ClaimOf(facts, request.Uuid)?.Member, ClaimOf(facts, request.Uuid)?.MovingTo);
            return ClaimChange.HoldMove(facts, request.Uuid, request.Target);
        });
        return Nothing;
    }

    public override async Task<YieldPlaceReply> Yield(YieldPlaceRequest request, ServerCallContext context)
    {
        YieldPlaceReply reply = new();
        await ChangeAsync(request.FabricId, facts =>
        {
            RefuseOthers(context, ClaimOf(facts, request.Uuid)?.Member, ClaimOf(facts, request.Uuid)?.MovingTo);
            reply.Place = ClaimChange.Yield(facts, request.Uuid, request.Target, request.To, request.StandsStill);
            return true;
        });
        return reply;
    }

    public override async Task<Empty> Settle(SettleMoveRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context).MachineId;
        await ChangeAsync(request.FabricId, facts =>
        {
            // Who has it says so; and either side of a move says that it is with the other one. What else is said changes nothing.
            string?[] sides = ClaimOf(facts, request.Uuid) is { } claim ? [claim.Member, claim.MovingTo] : [];
            return (request.Member == caller || (sides.Contains(caller) && sides.Contains(request.Member))) && ClaimChange.SettleMove(facts, request.Uuid, request.Member);
        });
        return Nothing;
    }

    private static MachineClaim? ClaimOf(FabricFacts facts, string uuid) => facts.Machines.FirstOrDefault(claim => claim.Uuid == uuid);

    /// <param name="concerned">Machine ids of the members whose matter it is; null: that of nobody yet, and what is asked says so itself.</param>
    private static void RefuseOthers(ServerCallContext context, params string?[] concerned)
    {
        if (concerned[0] is not null && !concerned.Contains(Caller.Of(context).MachineId))
        {
            throw new AgentException(AgentFault.NotAllowed, "another member moves that machine, which alone may say so");
        }
    }

    private Task ChangeAsync(string fabricId, Func<FabricFacts, bool> change)
        => fabrics.Current?.FabricId == fabricId
            ? fabrics.ChangeRegistryAsync(MachineFacts.MachineId, change)
            : throw new AgentException(AgentFault.BadRequest, "that is another fabric");
}
