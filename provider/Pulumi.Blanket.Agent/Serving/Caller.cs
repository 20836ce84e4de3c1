using System.Buffers.Binary;
using System.Net.Sockets;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Pulumi.Blanket.Agent.Serving;

/// <summary>Who is at the other end of a call. A socket's kernel or a certificate says it, nothing in the call does.</summary>
/// <param name="MachineId">Of the member that calls, or by way of which the account does; empty: over this host's own socket.</param>
internal sealed record Caller(CallerKinds Kind, string MachineId = "")
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>At the agent's unix socket, which only root and the account can open; null where the kernel does not say who it is.</summary>
    public static Caller? OfSocket(HttpContext context) => UserId(context) switch
    {
        null => null,
        0 => new Caller(CallerKinds.Root),
        _ => new Caller(CallerKinds.Account),
    };

    /// <summary>As it stands in the log.</summary>
    public override string ToString() => (Kind, MachineId) switch
    {
        (CallerKinds.Root, _) => "root",
        (CallerKinds.Account, "") => "the account",
        (CallerKinds.Account, _) => $"the account by way of {MachineId}",
        _ => $"the member {MachineId}",
    };

    /// <summary>As <see cref="AccessGate"/> found it.</summary>
    public static Caller Of(ServerCallContext context)
        => context.GetHttpContext().Features.Get<Caller>() ?? throw new AgentException(AgentFault.NotAllowed, "nobody said who calls");

    private static uint? UserId(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is not { AddressFamily: AddressFamily.Unix } socket)
        {
            return null;
        }

        // struct ucred: process, user, group
        Span<byte> credentials = stackalloc byte[12];
        return socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials) == credentials.Length
            ? BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..]) : BinaryPrimitives.ReadUInt32BigEndian(credentials[4..])
            : null;
    }
}
