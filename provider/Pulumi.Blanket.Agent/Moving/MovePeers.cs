using System.Diagnostics;
using Grpc.Core;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>What a member of a move asks of the other one, and of the fabric's primary.</summary>
internal sealed class MovePeers(FabricStore fabrics, PeerChannels channels, AgentClock clock)
{
    public FabricFacts Facts => fabrics.Current ?? throw new AgentException(AgentFault.NotPossible, "this host is in no fabric");

    /// <returns>Null for one that is no member any more, or that the user gave up.</returns>
    public Member? FindMember(string machineId) => Facts.Lost.Contains(machineId) ? null : Facts.Members.FirstOrDefault(member => member.MachineId == machineId);

    public string NameOf(string machineId) => Facts.Members.FirstOrDefault(member => member.MachineId == machineId)?.Settings.Name ?? machineId;

    public MovePeer.MovePeerClient To(Member member) => new(channels.InvokerTo(Facts, member));

    public async Task PrepareAsync(Member target, MoveOrder order, CancellationToken cancellationToken)
        => await GuardAsync(target, async () => await To(target).PrepareAsync(order, cancellationToken: cancellationToken), cancellationToken);

    /// <summary>Sends the files of a machine that is off. Done once they are on the target's disk.</summary>
    public Task SendAsync(Member target, Func<IClientStreamWriter<MovedBytes>, CancellationToken, Task> write, CancellationToken cancellationToken) => WhileThereAsync(target, token => GuardAsync(
        target, async () =>
        {
            using var call = To(target).Receive(cancellationToken: token);
            try
            {
                await write(call.RequestStream, token);
                await call.RequestStream.CompleteAsync();
            }
            catch (InvalidOperationException)
            {
                // The target ended the call, and says below why.
            }

            return await call;
        }, token), cancellationToken);

    public Task<MoveConclusion> ConcludeAsync(Member target, MoveOrder order, MoveFate fate, double waitedMs, CancellationToken cancellationToken, bool memoryLost = false)
    {
        MoveVerdict verdict = new() { Uuid = order.Uuid, Number = order.Number, Fate = fate, WaitedMs = waitedMs, MemoryLost = memoryLost };
        return order.Offline && fate == MoveFate.Gone
            ? WhileThereAsync(target, token => GuardAsync(target, async () => await To(target).ConcludeAsync(verdict, cancellationToken: token), token), cancellationToken) // it is started there, with all of its memory
            : GuardAsync(target, () => clock.CallAsync(limit => To(target).ConcludeAsync(verdict, cancellationToken: limit), clock.Timeouts.Conclusion, cancellationToken), cancellationToken);
    }

    public Task<MoveVerdict> AskAsync(Member source, MoveOrder order, CancellationToken cancellationToken)
        => GuardAsync(source, () => clock.CallAsync(limit => To(source).AskAsync(
            new MoveQuestion { Uuid = order.Uuid, Number = order.Number }, cancellationToken: limit), clock.Timeouts.PeerCall, cancellationToken), cancellationToken);

    /// <summary>What has come to the target of a move by post-copy.</summary>
    public Task<ArrivalState> InspectAsync(Member target, MoveOrder order, CancellationToken cancellationToken)
        => GuardAsync(target, () => StateAsync(target, order, clock.Timeouts.PeerCall, cancellationToken), cancellationToken);

    /// <summary>Whether the target of a move by post-copy has its QEMU waiting, and says so within this time, as its libvirt has to.</summary>
    public Task<bool> IsReadyAsync(Member target, MoveOrder order, TimeSpan limit, CancellationToken cancellationToken) => LookAsync(
        async () => await StateAsync(target, order, limit, cancellationToken) == ArrivalState.Standing,
        silence: false, cancellationToken);

    private async Task<ArrivalState> StateAsync(Member target, MoveOrder order, TimeSpan timeout, CancellationToken cancellationToken)
        => (await clock.CallAsync(limit => To(target).InspectAsync(new MoveQuestion { Uuid = order.Uuid, Number = order.Number }, cancellationToken: limit), timeout, cancellationToken)).State;

    /// <summary>Whether it answers within this time.</summary>
    public Task<bool> IsThereAsync(Member member, TimeSpan limit, CancellationToken cancellationToken) => LookAsync(
        async () =>
        {
            await clock.CallAsync(token => channels.To(Facts, member).PingAsync(new(), cancellationToken: token), limit, cancellationToken);
            return true;
        }, silence: false, cancellationToken);

    /// <summary>Waits for something that a member does, as long as that takes, and as long as there is a way to the member: one that is slow is waited for.</summary>
    /// <exception cref="AgentException">Nothing gets there any more.</exception>
    public async Task<T> WhileThereAsync<T>(Member member, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = call(end.Token);
        var cut = WaitForCutAsync(member, end.Token);
        var isCut = await Task.WhenAny(running, cut) == cut && !cancellationToken.IsCancellationRequested;
        await end.CancelAsync();
        await ((Task)cut).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            return await running;
        }
        catch (OperationCanceledException fault) when (isCut)
        {
            throw new AgentException(AgentFault.Unavailable, $"the way to {member.Settings.Name} was cut: {await cut}", fault);
        }
    }

    /// <summary>Machines of a member that wait for room elsewhere; none where it does not answer.</summary>
    public Task<IReadOnlyList<WaitingMove>> ListWaitingAsync(Member member, TimeSpan limit, CancellationToken cancellationToken) => LookAsync<IReadOnlyList<WaitingMove>>(
        async () => [.. (await clock.CallAsync(token => To(member).ListWaitingAsync(new(), cancellationToken: token), limit, cancellationToken)).Moves], silence: [], cancellationToken);

    /// <summary>Has a member that a machine has come to send it on; it does so to the end, whoever follows.</summary>
    public async Task<MachineView> MoveOnAsync(Member from, MoveRequest request, ActiveMove move, CancellationToken cancellationToken)
    {
        MoveAgent.MoveAgentClient agent = new(channels.InvokerTo(Facts, from));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var cancelling = CancelWhenCancelledAsync(agent, request.Uuid, move, end.Token);
        try
        {
            return await GuardAsync(
                from, async () =>
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
                }, cancellationToken);
        }
        finally
        {
            await end.CancelAsync();
            await cancelling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task HoldAsync(MoveOrder order, CancellationToken cancellationToken) => AskPrimaryAsync(
        facts => ClaimChange.HoldMove(facts, order.Uuid, order.Target),
        primary => clock.CallAsync(
            limit => primary.HoldAsync(new HoldMoveRequest { FabricId = order.FabricId, Uuid = order.Uuid, Target = order.Target }, cancellationToken: limit), clock.Timeouts.PeerCall, cancellationToken),
        cancellationToken);

    /// <summary>Has another machine get the place of this one before it has one at its target; or, with none, has it keep its place.</summary>
    /// <param name="standsStill">From here on the other one may come.</param>
    public async Task<PlaceState> YieldAsync(MoveOrder order, string to, bool standsStill, CancellationToken cancellationToken)
    {
        var place = PlaceState.Free;
        await AskPrimaryAsync(
            facts =>
            {
                place = ClaimChange.Yield(facts, order.Uuid, order.Target, to, standsStill);
                return true;
            },
            async primary => place = (await clock.CallAsync(
                limit => primary.YieldAsync(new YieldPlaceRequest { FabricId = order.FabricId, Uuid = order.Uuid, Target = order.Target, To = to, StandsStill = standsStill }, cancellationToken: limit),
                clock.Timeouts.PeerCall,
                cancellationToken)).Place,
            cancellationToken);
        return place;
    }

    /// <summary>The move is over, and the machine on that member.</summary>
    public Task SettleAsync(MoveOrder order, string member, CancellationToken cancellationToken) => AskPrimaryAsync(
        facts => ClaimChange.SettleMove(facts, order.Uuid, member),
        primary => clock.CallAsync(
            limit => primary.SettleAsync(new SettleMoveRequest { FabricId = order.FabricId, Uuid = order.Uuid, Member = member }, cancellationToken: limit), clock.Timeouts.PeerCall, cancellationToken),
        cancellationToken);

    /// <summary>This member, which departs and has nothing any more, is none from now on.</summary>
    /// <exception cref="AgentException">The primary knows of something that is here, or does not answer.</exception>
    public async Task DischargeAsync(CancellationToken cancellationToken)
    {
        var facts = Facts;
        var primary = FindPrimary(facts);
        await GuardAsync(primary, () => clock.CallAsync( // it may have to get images first that the leaving member alone has for certain
            limit => channels.To(facts, primary).DischargeAsync(new DischargeRequest { FabricId = facts.FabricId }, cancellationToken: limit), clock.Timeouts.Discharge, cancellationToken), cancellationToken);
    }

    private async Task AskPrimaryAsync(Func<FabricFacts, bool> change, Func<MovePeer.MovePeerClient, Task> ask, CancellationToken cancellationToken)
    {
        var facts = Facts;
        if (facts.Primary == MachineFacts.MachineId)
        {
            await fabrics.ChangeRegistryAsync(facts.Primary, change);
            return;
        }

        var primary = FindPrimary(facts);
        await GuardAsync(
            primary, async () =>
            {
                await ask(To(primary));
                return true;
            }, cancellationToken);
    }

    /// <returns>Why there is no way to the member any more.</returns>
    private async Task<string> WaitForCutAsync(Member member, CancellationToken cancellationToken)
    {
        // A connection whose other end does not answer is closed by its own keep-alive pings.
        var watch = Stopwatch.StartNew();
        PathJudge judge = new(watch.Elapsed, silenceLimit: TimeSpan.MaxValue);
        while (true)
        {
            var answers = await IsThereAsync(member, clock.Timeouts.PeerPing, cancellationToken);
            if (judge.Observe(watch.Elapsed, answers, answers ? null : await PeerPath.ReadAsync(member.MeshAddress, cancellationToken)) == PathState.Dead)
            {
                return judge.Reason!;
            }

            await Task.Delay(clock.Timeouts.PeerPingPause, cancellationToken);
        }
    }

    private Member FindPrimary(FabricFacts facts)
        => FindMember(facts.Primary) ?? throw new AgentException(AgentFault.Unavailable, $"the fabric {facts.Settings.Name} has no primary right now");

    /// <summary>Says it again until the move has ended: the first time may come before the member has begun it.</summary>
    private async Task CancelWhenCancelledAsync(MoveAgent.MoveAgentClient agent, string uuid, ActiveMove move, CancellationToken end)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(move.Cancelled, end);
        await Task.Delay(Timeout.Infinite, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!end.IsCancellationRequested)
        {
            try
            {
                await clock.CallAsync(limit => agent.CancelAsync(new MachineRequest { Uuid = uuid }, cancellationToken: limit), clock.Timeouts.PeerCall, end);
            }
            catch (RpcException)
            {
                // It does not answer just now.
            }

            await clock.DelayAsync(clock.Timeouts.CancelRetry, end);
        }
    }

    /// <summary>A question where silence is an answer, too.</summary>
    /// <exception cref="OperationCanceledException">The caller does not want to know any more.</exception>
    private static async Task<T> LookAsync<T>(Func<Task<T>> call, T silence, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (RpcException fault)
        {
            // gRPC has a status of its own for what the caller cancelled.
            return cancellationToken.IsCancellationRequested ? throw new OperationCanceledException(fault.Message, fault, cancellationToken) : silence;
        }
    }

    /// <exception cref="OperationCanceledException">The caller does not want to know any more.</exception>
    private static async Task<T> GuardAsync<T>(Member member, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (RpcException fault)
        {
            throw fault.StatusCode switch
            {
                _ when cancellationToken.IsCancellationRequested => new OperationCanceledException(fault.Message, fault, cancellationToken),
                StatusCode.ResourceExhausted => new AgentException(AgentFault.NoRoom, fault.Status.Detail, fault),
                StatusCode.FailedPrecondition or StatusCode.InvalidArgument or StatusCode.PermissionDenied => new AgentException(AgentFault.NotPossible, fault.Status.Detail, fault),
                _ => new AgentException(AgentFault.Unavailable, $"{member.Settings.Name} does not answer over the mesh: {fault.Status.Detail}", fault),
            };
        }
    }
}
