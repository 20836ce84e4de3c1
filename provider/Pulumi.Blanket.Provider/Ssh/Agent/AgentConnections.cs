using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;

namespace Pulumi.Blanket.Provider.Ssh.Agent;

/// <summary>
/// gRPC to the agents of hosts: one HTTP/2 connection per host, over one channel of the host's shared SSH connection. It is made when
/// first called, and anew by the next call after it broke.
/// </summary>
public sealed class AgentConnections(SshConnections connections, AgentOptions? options = null) : IAsyncDisposable
{
    // Not resolved by anybody: the connection goes over the SSH channel.
    private const string Authority = "http://agent";

    private readonly AgentOptions _options = options ?? new AgentOptions();
    private readonly ConcurrentDictionary<string, Lazy<GrpcChannel>> _channels = new(StringComparer.Ordinal);

    /// <summary>The channel to a host's agent, for the generated clients. Connects with the first call.</summary>
    public GrpcChannel For(SshTarget target)
        // The expected key is part of it: who expects another one must not get in by somebody else's connection.
        => _channels.GetOrAdd($"{target.Identity} {target.HostKey}", _ => new Lazy<GrpcChannel>(() => Create(target))).Value;

    /// <summary>
    /// Why a call failed, where that lies in reaching the agent: what SSH reported, or that the agent is not installed or does not run. Null
    /// where the agent itself answered.
    /// </summary>
    public static SshException? Explain(RpcException fault) => SshException.Find(fault);

    public ValueTask DisposeAsync()
    {
        foreach (var channel in _channels.Values)
        {
            channel.Value.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private async ValueTask<Stream> ConnectAsync(SshTarget target, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await connections.GetAsync(target, cancellationToken);
            var channel = await connection.OpenChannelAsync(_options.CommandFor(target), cancellationToken);
            return await AgentStream.GreetAsync(channel, target, _options, cancellationToken);
        }
        catch (SshException fault)
        {
            // gRPC calls this unavailable, and everything that it does not know internal.
            throw new IOException(fault.Message, fault);
        }
    }

    private GrpcChannel Create(SshTarget target)
    {
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            EnableMultipleHttp2Connections = false,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            // The SSH connection has a limit of its own.
            ConnectTimeout = Timeout.InfiniteTimeSpan,
            KeepAlivePingDelay = _options.PingDelay,
            // Infinite counts as "over at once" to .NET, so a day. Noticed by AgentStream, which knows a slow host from a dead link, and whose faults end calls as Unavailable; the handler's own end them as Internal.
            KeepAlivePingTimeout = TimeSpan.FromDays(1),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            ConnectCallback = (_, cancellationToken) => ConnectAsync(target, cancellationToken),
        };
        return GrpcChannel.ForAddress(Authority, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
        });
    }
}
