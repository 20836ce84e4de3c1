using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Pulumi.Blanket.Agent.Journal;

/// <summary>
/// Writes to systemd's journal in its own protocol (one datagram of FIELD=value lines, systemd's "Native Journal Protocol"), so that
/// <c>journalctl -u blanket-agent BLANKET_OPERATION=id</c> finds all lines of an operation; to standard error where there is no journal.
/// </summary>
internal sealed class JournalLoggerProvider : ILoggerProvider
{
    private const string JournalSocket = "/run/systemd/journal/socket";

    private readonly Socket? _journal = Open();

    public ILogger CreateLogger(string categoryName) => new JournalLogger(_journal, categoryName);

    public void Dispose() => _journal?.Dispose();

    private static Socket? Open()
    {
        if (Environment.GetEnvironmentVariable("JOURNAL_STREAM") is null || !File.Exists(JournalSocket))
        {
            return null;
        }

        Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(JournalSocket));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }
}
