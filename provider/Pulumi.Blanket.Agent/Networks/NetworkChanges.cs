using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>
/// What the kernel tells of changes in a network namespace: devices, addresses, routes, settings, head-end entries of tunnels, rules of nftables (rtnetlink(7), and
/// nfnetlink's group for nftables). Nothing waits on it: whoever wants to know asks whether anything came since the last time.
/// </summary>
internal sealed partial class NetworkChanges : IDisposable
{
    private const int FamilyNetlink = 16;
    private const int RawNonBlocking = 3 | 0x800 | 0x80000; // SOCK_RAW, SOCK_NONBLOCK, SOCK_CLOEXEC
    private const int RoutingProtocol = 0;
    private const int NetfilterProtocol = 12;
    private const int LevelNetlink = 270;
    private const int AddMembership = 1;
    private const int Interrupted = 4;
    private const int NothingThere = 11; // EAGAIN
    private const int TooMuch = 105; // ENOBUFS
    private const int HeaderBytes = 16;
    private const int NewNeighbour = 28;
    private const int RemovedNeighbour = 29;
    private const byte FamilyBridge = 7;

    /// <summary>Of linux/rtnetlink.h: link, neighbour, IPv4 address, IPv4 route, IPv4 rule, IPv4 settings.</summary>
    private static readonly int[] RoutingGroups = [1, 3, 5, 7, 8, 24];

    /// <summary>Of linux/netfilter/nfnetlink.h: nftables.</summary>
    private static readonly int[] NetfilterGroups = [7];

    private readonly SafeFileHandle[] _sockets;

    private NetworkChanges(params SafeFileHandle[] sockets) => _sockets = sockets;

    /// <summary>Of the namespace that the thread is in; it stays that of the namespace.</summary>
    /// <exception cref="IOException">The kernel has no such notifications.</exception>
    public static NetworkChanges Open()
    {
        var routing = Join(RoutingProtocol, RoutingGroups);
        try
        {
            return new NetworkChanges(routing, Join(NetfilterProtocol, NetfilterGroups));
        }
        catch
        {
            routing.Dispose();
            throw;
        }
    }

    /// <summary>Whether anything changed since this was asked last; true as well where it can't be told any more.</summary>
    public bool Take()
    {
        var buffer = new byte[64 * 1024];
        var hasChanged = false;
        foreach (var socket in _sockets)
        {
            hasChanged |= Take(socket, buffer, isRouting: socket == _sockets[0]);
        }

        return hasChanged;
    }

    public void Dispose()
    {
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }
    }

    /// <summary>Who is reached by which MAC changes all the time, and is not ours; what a tunnel sends to all is.</summary>
    internal static bool IsOurs(ReadOnlySpan<byte> messages)
    {
        while (messages.Length >= HeaderBytes)
        {
            var length = (int)Math.Min(MemoryMarshal.Read<uint>(messages), (uint)messages.Length);
            if (length < HeaderBytes || MemoryMarshal.Read<ushort>(messages[4..]) is not (NewNeighbour or RemovedNeighbour) || IsHeadEnd(messages[HeaderBytes..length]))
            {
                return true;
            }

            messages = messages[Math.Min((length + 3) & ~3, messages.Length)..];
        }

        return false;
    }

    private static bool Take(SafeFileHandle socket, byte[] buffer, bool isRouting)
    {
        var hasChanged = false;
        while (true)
        {
            var count = Receive(socket, buffer, (nuint)buffer.Length, 0);
            if (count > 0)
            {
                hasChanged |= !isRouting || IsOurs(buffer.AsSpan(0, (int)count));
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case NothingThere:
                    return hasChanged;
                case Interrupted:
                    continue;
                case TooMuch:
                    hasChanged = true; // some were dropped
                    continue;
                default:
                    return true;
            }
        }
    }

    /// <param name="body">struct ndmsg, and attributes.</param>
    private static bool IsHeadEnd(ReadOnlySpan<byte> body)
    {
        const int MessageBytes = 12;
        const int LinkAddress = 2; // NDA_LLADDR
        if (body.Length < MessageBytes || body[0] != FamilyBridge)
        {
            return false;
        }

        for (var rest = body[MessageBytes..]; rest.Length >= 4;)
        {
            var length = Math.Min((int)MemoryMarshal.Read<ushort>(rest), rest.Length);
            if (length < 4)
            {
                return true;
            }

            if (MemoryMarshal.Read<ushort>(rest[2..]) == LinkAddress)
            {
                return !rest[4..length].ContainsAnyExcept((byte)0);
            }

            rest = rest[Math.Min((length + 3) & ~3, rest.Length)..];
        }

        return false;
    }

    private static SafeFileHandle Join(int protocol, int[] groups)
    {
        var descriptor = Socket(FamilyNetlink, RawNonBlocking, protocol);
        if (descriptor < 0)
        {
            throw Fault();
        }

        SafeFileHandle socket = new(descriptor, ownsHandle: true);
        Span<byte> address = stackalloc byte[12]; // struct sockaddr_nl: the kernel chooses the number
        BinaryPrimitives.WriteUInt16LittleEndian(address, FamilyNetlink);
        if (!BitConverter.IsLittleEndian)
        {
            address[..2].Reverse();
        }

        if (Bind(socket, address, (uint)address.Length) != 0 || groups.Any(group => SetOption(socket, LevelNetlink, AddMembership, in group, sizeof(int)) != 0))
        {
            var fault = Fault();
            socket.Dispose();
            throw fault;
        }

        return socket;
    }

    private static IOException Fault() => new($"the kernel does not tell of changes to its networks: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(SafeFileHandle socket, Span<byte> address, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(SafeFileHandle socket, int level, int option, in int value, uint length);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(SafeFileHandle socket, Span<byte> buffer, nuint length, int flags);
}
