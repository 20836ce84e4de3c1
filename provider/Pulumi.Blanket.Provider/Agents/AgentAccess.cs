using Grpc.Net.Client;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Ssh;
using Pulumi.Blanket.Provider.Ssh.Agent;
using Pulumi.Blanket.Provider.Ssh.Connections;

namespace Pulumi.Blanket.Provider.Agents;

/// <summary>How all resources of this process reach hosts and their agents: one SSH connection per host, one channel in it to the agent.</summary>
internal sealed class AgentAccess : IAsyncDisposable
{
    private readonly SshConnections _connections = new();
    private readonly AgentConnections _agents;
    private readonly Func<SshTarget, GrpcChannel> _channelTo;

    public AgentAccess()
    {
        _agents = new AgentConnections(_connections);
        _channelTo = _agents.For;
        Installer = new AgentInstaller(_connections);
    }

    /// <summary>With agents that are reached in another way than over SSH.</summary>
    internal AgentAccess(Func<SshTarget, GrpcChannel> channelTo)
        : this()
        => _channelTo = channelTo;

    public AgentInstaller Installer { get; }

    /// <summary>The agent of a host; nothing is dialled yet.</summary>
    /// <param name="host">What messages call the host.</param>
    /// <param name="member">Machine id of the member of a fabric that calls are for, by way of this host or not; empty for the host itself.</param>
    public AgentClient For(SshTarget target, string host, string operationId, string member = "") => new(_channelTo(target), target, host, operationId, member);

    /// <summary>The SSH connection to a host.</summary>
    /// <exception cref="ProviderException">It can't be reached, or does not let us in.</exception>
    public async Task<SshConnection> ConnectAsync(SshTarget target, string host, CancellationToken cancellationToken)
    {
        try
        {
            return await _connections.GetAsync(target, cancellationToken);
        }
        catch (SshException fault)
        {
            throw AgentFaults.From(fault, host);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _agents.DisposeAsync();
        await _connections.DisposeAsync();
    }
}
