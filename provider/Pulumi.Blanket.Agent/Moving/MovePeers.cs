using Grpc.Core;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>What a member of a move asks of the other one, and of the fabric's primary.</summary>
internal sealed class MovePeers(FabricStore fabrics, PeerChannels channels)
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The primary may have to get images first that the leaving member alone has for certain.</summary>
    private static readonly TimeSpan DischargeTimeout = TimeSpan.FromMinutes(10);

    public FabricFacts Facts => fabrics.Current ?? throw new AgentException(AgentFault.NotPossible, "this host is in no fabric");

    /// <returns>Null for one that is no member any more, or that the user gave up.</returns>
    public Member? FindMember(string machineId) => Facts.Lost.Contains(machineId) ? null : Facts.Members.FirstOrDefault(member => member.MachineId == machineId);

    public string NameOf(string machineId) => Facts.Members.FirstOrDefault(member => member.MachineId == machineId)?.Settings.Name ?? machineId;

    public MovePeer.MovePeerClient To(Member member) => new(channels.InvokerTo(Facts, member));

    public async Task PrepareAsync(Member target, MoveOrder order, CancellationToken cancellationToken)
        => await GuardAsync(target, async () => await To(target).PrepareAsync(order, cancellationToken: cancellationToken));

    public Task<MoveConclusion> ConcludeAsync(Member target, MoveOrder order, MoveFate fate, double waitedMs, CancellationToken cancellationToken)
        => GuardAsync(target, async () => await To(target).ConcludeAsync(
            new MoveVerdict { Uuid = order.Uuid, Number = order.Number, Fate = fate, WaitedMs = waitedMs }, deadline: DateTime.UtcNow.AddSeconds(20), cancellationToken: cancellationToken));

    public Task<MoveVerdict> AskAsync(Member source, MoveOrder order, CancellationToken cancellationToken)
        => GuardAsync(source, async () => await To(source).AskAsync(
            new MoveQuestion { Uuid = order.Uuid, Number = order.Number }, deadline: DateTime.UtcNow + CallTimeout, cancellationToken: cancellationToken));

    /// <summary>Whether it answers within this time.</summary>
    public async Task<bool> IsThereAsync(Member member, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await channels.To(Facts, member).PingAsync(new(), deadline: DateTime.UtcNow + limit, cancellationToken: cancellationToken);
            return true;
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Machines of a member that wait for room elsewhere; none where it does not answer.</summary>
    public async Task<IReadOnlyList<WaitingMove>> ListWaitingAsync(Member member, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await To(member).ListWaitingAsync(new(), deadline: DateTime.UtcNow + limit, cancellationToken: cancellationToken)).Moves];
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    /// <summary>Has a member that a machine has come to send it on; it does so to the end, whoever follows.</summary>
    public async Task<MachineView> MoveOnAsync(Member from, string name, MoveRequest request, ActiveMove move, CancellationToken cancellationToken)
    {
        MoveAgent.MoveAgentClient agent = new(channels.InvokerTo(Facts, from));
        await using var cancelling = move.Cancelled.Register(() => agent.CancelAsync(new MachineRequest { Uuid = request.Uuid }, deadline: DateTime.UtcNow + CallTimeout));
        try
        {
            return await GuardAsync(from, async () =>
            {
                using var call = agent.Move(request, cancellationToken: cancellationToken);
                await foreach (var told in call.ResponseStream.ReadAllAsync(cancellationToken))
                {
                    switch (told.EventCase)
                    {
                        case MachineEvent.EventOneofCase.Progress:
                            move.Say(told.Progress);
                            break;
                        case MachineEvent.EventOneofCase.Warning:
                            move.Warn(told.Warning);
                            break;
                        default:
                            return told.Done.Machine;
                    }
                }

                throw new AgentException(AgentFault.Unavailable, $"{from.Settings.Name} ended the move without a word");
            });
        }
        catch (AgentException fault)
        {
            throw new AgentException(AgentFault.NotPossible, $"{name} is on {from.Settings.Name}, by way of which it was to go, and did not get further: {fault.Message}", fault);
        }
    }

    public Task HoldAsync(MoveOrder order, CancellationToken cancellationToken) => AskPrimaryAsync(
        facts => ClaimChange.HoldMove(facts, order.Uuid, order.Target),
        primary => primary.HoldAsync(new HoldMoveRequest { FabricId = order.FabricId, Uuid = order.Uuid, Target = order.Target }, deadline: DateTime.UtcNow + CallTimeout, cancellationToken: cancellationToken).ResponseAsync);

    /// <summary>The move is over, and the machine on that member.</summary>
    public Task SettleAsync(MoveOrder order, string member, CancellationToken cancellationToken) => AskPrimaryAsync(
        facts => ClaimChange.SettleMove(facts, order.Uuid, member),
        primary => primary.SettleAsync(new SettleMoveRequest { FabricId = order.FabricId, Uuid = order.Uuid, Member = member }, deadline: DateTime.UtcNow + CallTimeout, cancellationToken: cancellationToken).ResponseAsync);

    /// <summary>This member, which departs and has nothing any more, is none from now on.</summary>
    /// <exception cref="AgentException">The primary knows of something that is here, or does not answer.</exception>
    public async Task DischargeAsync(CancellationToken cancellationToken)
    {
        var facts = Facts;
        var primary = FindPrimary(facts);
        await GuardAsync(primary, async () => await channels.To(facts, primary).DischargeAsync(
            new DischargeRequest { FabricId = facts.FabricId }, deadline: DateTime.UtcNow + DischargeTimeout, cancellationToken: cancellationToken));
    }

    private async Task AskPrimaryAsync(Func<FabricFacts, bool> change, Func<MovePeer.MovePeerClient, Task> ask)
    {
        var facts = Facts;
        if (facts.Primary == MachineFacts.MachineId)
        {
            await fabrics.ChangeRegistryAsync(facts.Primary, change);
            return;
        }

        var primary = FindPrimary(facts);
        await GuardAsync(primary, async () =>
        {
            await ask(To(primary));
            return true;
        });
    }

    private Member FindPrimary(FabricFacts facts)
        => FindMember(facts.Primary) ?? throw new AgentException(AgentFault.Unavailable, $"the fabric {facts.Settings.Name} has no primary right now");

    private static async Task<T> GuardAsync<T>(Member member, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (RpcException fault) when (fault.StatusCode is StatusCode.ResourceExhausted)
        {
            throw new AgentException(AgentFault.NoRoom, fault.Status.Detail, fault);
        }
        catch (RpcException fault) when (fault.StatusCode is StatusCode.FailedPrecondition or StatusCode.InvalidArgument)
        {
            throw new AgentException(AgentFault.NotPossible, fault.Status.Detail, fault);
        }
        catch (RpcException fault) when (fault.StatusCode is not StatusCode.Cancelled)
        {
            throw new AgentException(AgentFault.Unavailable, $"{member.Settings.Name} does not answer over the mesh: {fault.Status.Detail}", fault);
        }
    }
}
