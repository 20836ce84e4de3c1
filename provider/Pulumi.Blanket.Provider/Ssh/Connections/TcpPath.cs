using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Pulumi.Blanket.Provider.Ssh.Connections;

/// <summary>
/// What the kernel knows of this process's TCP connections to a host, or to the first machine on the way to it: a host whose kernel acknowledges what is sent
/// is slow, however long it is silent. The SSH library keeps its socket to itself, so that the kernel's table is read.
/// </summary>
/// <param name="isFirstHop">The host is behind another machine, to which this connection leads: that this one acknowledges says nothing of the host.</param>
internal sealed class TcpPath(string address, int port, bool isFirstHop = false)
{
    private const string Descriptors = "/proc/self/fd";

    /// <summary>The kernel has waited so often in vain, each time twice as long: for 3 s at least, and longer where the way is long.</summary>
    private const int DeadAfter = 4;

    private const int Retransmitting = 1;

    private static readonly string[] Tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

    private IPAddress[]? _addresses;

    /// <summary>The same way, of a host behind its end.</summary>
    public TcpPath Beyond() => new(address, port, isFirstHop: true);

    /// <summary>Whether what is sent is acknowledged.</summary>
    public PathState Read()
    {
        try
        {
            _addresses ??= IPAddress.TryParse(address, out var known) ? [known] : Dns.GetHostAddresses(address);
            var state = Judge(Tables.Where(File.Exists).SelectMany(File.ReadLines), [.. _addresses.Select(found => new IPEndPoint(found, port))], OwnSockets());
            return state == PathState.Acknowledging && isFirstHop ? PathState.Unknown : state;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SocketException or FormatException or IndexOutOfRangeException)
        {
            return PathState.Unknown;
        }
    }

    /// <param name="table">Lines of the kernel's tables of TCP connections.</param>
    /// <param name="remote">The other end, by any of its addresses.</param>
    /// <param name="own">Inodes of this process's sockets.</param>
    internal static PathState Judge(IEnumerable<string> table, IReadOnlyList<IPEndPoint> remote, IReadOnlySet<string> own)
    {
        var state = PathState.Unknown;
        foreach (var line in table)
        {
            // sl local remote state tx:rx timer:when retransmits uid timeout inode
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 10 || !own.Contains(words[9]) || !remote.Contains(EndPointOf(words[2])))
            {
                continue;
            }

            var isRetransmitting = int.Parse(words[5].AsSpan(0, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) == Retransmitting;
            if (isRetransmitting && int.Parse(words[6], NumberStyles.HexNumber, CultureInfo.InvariantCulture) >= DeadAfter)
            {
                return PathState.Dead;
            }

            state = PathState.Acknowledging;
        }

        return state;
    }

    /// <summary>As the kernel writes it: words of four bytes, each in the processor's order.</summary>
    private static IPEndPoint EndPointOf(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var bytes = Convert.FromHexString(text.AsSpan(0, colon));
        for (var word = 0; word < bytes.Length && BitConverter.IsLittleEndian; word += 4)
        {
            bytes.AsSpan(word, 4).Reverse();
        }

        IPAddress found = new(bytes);
        return new(found.IsIPv4MappedToIPv6 ? found.MapToIPv4() : found, int.Parse(text.AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    private static HashSet<string> OwnSockets()
    {
        HashSet<string> inodes = [];
        foreach (var descriptor in Directory.GetFiles(Descriptors))
        {
            try
            {
                if (new FileInfo(descriptor).LinkTarget is { } target && target.StartsWith("socket:[", StringComparison.Ordinal))
                {
                    inodes.Add(target["socket:[".Length..^1]);
                }
            }
            catch (IOException)
            {
                // Closed meanwhile.
            }
        }

        return inodes;
    }
}
