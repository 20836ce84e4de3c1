using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Commands;

/// <summary>Takes this host out of its fabric from its own side: for a host whose fabric is gone, or has given it up as lost.</summary>
internal static class LeaveCommand
{
    public static async Task<int> RunAsync()
    {
        if (new FabricStore().Current is not { } fabric)
        {
            return ExitCodes.Done;
        }

        using var channel = GrpcChannel.ForAddress("http://agent", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = static async (_, token) =>
                {
                    Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(AgentPaths.Socket), token);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            },
            DisposeHttpClient = true,
        });
        try
        {
            await new Membership.MembershipClient(channel).LeaveAsync(new LeaveRequest { FabricId = fabric.FabricId });
            return ExitCodes.Done;
        }
        catch (RpcException fault)
        {
            throw new AgentException(AgentFault.Unavailable, fault.Status.Detail, fault);
        }
    }
}
