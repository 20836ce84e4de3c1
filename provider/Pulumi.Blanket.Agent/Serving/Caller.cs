using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Pulumi.Blanket.Agent.Serving;

/// <summary>Who is at the other end of the agent's socket: the kernel says it, so nobody can claim to be somebody else.</summary>
internal static class Caller
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>User id of the process that connected; null where the kernel does not say.</summary>
    public static uint? UserId(HttpContext context)
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
