using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Ssh;
using Pulumi.Blanket.Provider.Ssh.Agent;

namespace Pulumi.Blanket.Provider.Agents;

/// <summary>Calls to one host's agent for one operation, whose id they carry. Failures name the host.</summary>
/// <param name="member">Machine id of the member that calls are for, where the channel leads to a fabric; empty for the host behind the channel, whoever it is.</param>
internal sealed partial class AgentClient(GrpcChannel channel, SshTarget target, string host, string operationId, string member = "")
{
    private const string OperationHeader = "blanket-operation";

    /// <summary>Machine id of the member that a call is for: an agent that is not this member passes the call on over the mesh.</summary>
    public const string MemberHeader = "blanket-member";

    /// <summary>After this long without an answer a host counts as one that does not answer: for looking, never for changing.</summary>
    public static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(10);

    /// <summary>The same for what is asked on the way to a change.</summary>
    private static readonly TimeSpan ChangeLimit = TimeSpan.FromMinutes(1);

    /// <summary>systemd starts an agent that died, or that is being upgraded, again within a second or two.</summary>
    private static readonly TimeSpan RestartPatience = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan RestartPause = TimeSpan.FromMilliseconds(250);

    private readonly HostAgent.HostAgentClient _host = new(channel);
    private readonly Membership.MembershipClient _membership = new(channel);
    private readonly FabricAgent.FabricAgentClient _fabric = new(channel);

    /// <summary>What messages call the host.</summary>
    public string Host => host;

    public SshTarget Target => target;

    public Task<HostFacts> GetFactsAsync(CancellationToken cancellationToken) => AskAsync(options => _host.GetFactsAsync(new(), options), cancellationToken, LookLimit);

    /// <summary>The same for who goes on to change the host: a busy one is waited for.</summary>
    public Task<HostFacts> GetFactsForChangeAsync(CancellationToken cancellationToken) => AskAsync(options => _host.GetFactsAsync(new(), options), cancellationToken, ChangeLimit);

    public Task<FabricView> GetFabricAsync(CancellationToken cancellationToken) => AskAsync(options => _fabric.GetAsync(new(), options), cancellationToken, LookLimit);

    public Task PingAsync(CancellationToken cancellationToken) => AskAsync(options => _fabric.PingAsync(new(), options), cancellationToken, LookLimit);

    public Task<HostFacts> AdoptAsync(AdoptRequest request, Action<string> progress, CancellationToken cancellationToken) => FollowAsync(
        options => _host.Adopt(request, options),
        adoption =>
        {
            if (adoption.EventCase == AdoptEvent.EventOneofCase.Progress)
            {
                progress(adoption.Progress);
            }

            return adoption.Adopted;
        },
        "the adoption", cancellationToken);

    public Task<ReleaseReply> ReleaseAsync(string urn, CancellationToken cancellationToken)
        => AskAsync(options => _host.ReleaseAsync(new ReleaseRequest { Urn = urn }, options), cancellationToken);

    public Task<MemberKeys> PrepareAsync(string fabricId, CancellationToken cancellationToken)
        => AskAsync(options => _membership.PrepareAsync(new PrepareRequest { FabricId = fabricId }, options), cancellationToken);

    public Task<FabricFacts> ExportAsync(string fabricId, CancellationToken cancellationToken)
        => AskAsync(options => _membership.ExportAsync(new FabricRequest { FabricId = fabricId }, options), cancellationToken);

    public Task<FabricFacts> ChangeAsync(ChangeRequest change, CancellationToken cancellationToken)
        => AskAsync(options => _membership.ChangeAsync(change, options), cancellationToken);

    public Task<FabricFacts> TakeOverAsync(string fabricId, string lostPrimary, CancellationToken cancellationToken)
        => AskAsync(options => _membership.TakeOverAsync(new TakeOverRequest { FabricId = fabricId, LostPrimary = lostPrimary }, options), cancellationToken);

    public Task ApplyAsync(FabricFacts facts, CancellationToken cancellationToken) => AskAsync(options => _membership.ApplyAsync(facts, options), cancellationToken);

    public Task LeaveAsync(string fabricId, CancellationToken cancellationToken)
        => AskAsync(options => _membership.LeaveAsync(new LeaveRequest { FabricId = fabricId }, options), cancellationToken);

    /// <summary>Holds a lock of the fabric; whoever holds it is told to the user while it is waited for.</summary>
    /// <returns>Ends the hold when disposed.</returns>
    public async Task<IDisposable> HoldAsync(string name, string holder, Action<string> waiting, CancellationToken cancellationToken)
    {
        await PingAsync(cancellationToken);
        var call = _fabric.Hold(new HoldRequest { Name = name, Holder = holder }, Options(cancellationToken));
        try
        {
            await foreach (var step in call.ResponseStream.ReadAllAsync(cancellationToken))
            {
                if (step.EventCase == HoldEvent.EventOneofCase.Held)
                {
                    return call;
                }

                waiting(step.WaitingFor);
            }

            throw new ProviderException(FailureReason.Unavailable, $"host {host}: its agent did not give the lock '{name}'; try again");
        }
        catch (Exception fault)
        {
            call.Dispose();
            throw fault is RpcException rpc ? Failure(rpc, cancellationToken) : fault;
        }
    }

    private async Task<T> AskAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> ask, CancellationToken cancellationToken, TimeSpan? limit = null)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await TimedCall.RunAsync(token => ask(Options(token)), limit ?? Timeout.InfiniteTimeSpan, cancellationToken);
            }
            catch (RpcException fault) when (Stopwatch.GetElapsedTime(start) < RestartPatience && AgentConnections.Explain(fault) is { Failure: SshFailure.BlanketAgentNotRunning })
            {
                // The call never got to an agent, so that it can be made again.
                await Task.Delay(RestartPause, cancellationToken);
            }
            catch (RpcException fault)
            {
                throw Failure(fault, cancellationToken);
            }
        }
    }

    /// <summary>Looks for something that the host may not have.</summary>
    /// <returns>Null where the agent says that it does not have it.</returns>
    private async Task<T?> FindAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> ask, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await AskAsync(ask, cancellationToken, LookLimit);
        }
        catch (ProviderException fault) when (fault is { Reason: FailureReason.NotFound, InnerException: RpcException { StatusCode: StatusCode.NotFound } })
        {
            return null;
        }
    }

    /// <summary>Follows what an agent tells of a long work, to its last event.</summary>
    /// <param name="see">Tells of an event; returns what the work came to with the last one, else null.</param>
    /// <param name="work">What it is, for the message where the agent ends without a last event.</param>
    private async Task<TResult> FollowAsync<TEvent, TResult>(
        Func<CallOptions, AsyncServerStreamingCall<TEvent>> begin, Func<TEvent, TResult?> see, string work, CancellationToken cancellationToken)
        where TResult : class
    {
        try
        {
            // It may just be starting again; the stream itself can't be begun twice.
            await PingAsync(cancellationToken);
            using var call = begin(Options(cancellationToken));
            await foreach (var told in call.ResponseStream.ReadAllAsync(cancellationToken))
            {
                if (see(told) is { } result)
                {
                    return result;
                }
            }
        }
        catch (RpcException fault)
        {
            throw Failure(fault, cancellationToken);
        }

        throw new ProviderException(FailureReason.Unavailable, $"host {host}: its agent ended {work} without a word; try again");
    }

    private CallOptions Options(CancellationToken cancellationToken)
    {
        Metadata headers = new() { { OperationHeader, operationId } };
        if (member.Length > 0)
        {
            headers.Add(MemberHeader, member);
        }

        return new(headers, cancellationToken: cancellationToken);
    }

    private Exception Failure(RpcException fault, CancellationToken cancellationToken)
        => cancellationToken.IsCancellationRequested && fault.StatusCode == StatusCode.Cancelled
            ? new OperationCanceledException(fault.Message, fault, cancellationToken)
            : AgentFaults.From(fault, host);
}
