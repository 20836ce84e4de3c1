using Grpc.Core;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Ssh;
using Pulumi.Blanket.Provider.Ssh.Agent;

namespace Pulumi.Blanket.Provider.Agents;

/// <summary>What failed on the way to an agent, or at it, in the provider's own terms: here and nowhere else.</summary>
internal static class AgentFaults
{
    public static ProviderException From(SshException fault, string host) => new(ReasonOf(fault.Failure), $"host {host}: {fault.Message}", fault);

    public static ProviderException From(RpcException fault, string host)
    {
        if (AgentConnections.Explain(fault) is { } ssh)
        {
            return From(ssh, host);
        }

        return fault.StatusCode switch
        {
            StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.PermissionDenied or StatusCode.ResourceExhausted
                => new ProviderException(FailureReason.Precondition, $"host {host}: {fault.Status.Detail}", fault),
            // The agent's own words: libvirtd or a peer of its does not answer.
            StatusCode.Unavailable when fault.Status.DebugException is null => new ProviderException(FailureReason.Unavailable, $"host {host}: {fault.Status.Detail}", fault),
            StatusCode.NotFound when fault.Status.DebugException is null => new ProviderException(FailureReason.NotFound, $"host {host}: {fault.Status.Detail}", fault),
            StatusCode.Aborted => new ProviderException(FailureReason.Conflict, $"host {host}: {fault.Status.Detail}", fault),
            StatusCode.Unimplemented => new ProviderException(FailureReason.Precondition, $"host {host}: its agent is older than this plugin; update its Host resource first", fault),
            StatusCode.DeadlineExceeded => new ProviderException(FailureReason.Deadline, $"host {host}: its agent did not answer in time", fault),
            StatusCode.Internal when fault.Status.DebugException is null => new ProviderException(FailureReason.Bug, $"host {host}: {fault.Status.Detail}", fault),
            _ => new ProviderException(FailureReason.Unavailable, $"host {host}: its agent does not answer any more ({fault.Status.Detail}); what was begun there may be going on; try again", fault),
        };
    }

    private static FailureReason ReasonOf(SshFailure failure) => failure switch
    {
        SshFailure.Unreachable or SshFailure.TimedOut or SshFailure.ConnectionLost or SshFailure.BlanketAgentNotRunning => FailureReason.Unavailable,
        SshFailure.BadKey or SshFailure.BadHostKey or SshFailure.NoCredentials => FailureReason.BadInput,
        SshFailure.BlanketAgentMissing => FailureReason.NotFound,
        _ => FailureReason.Precondition,
    };
}
