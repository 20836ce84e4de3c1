using System.Globalization;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>What this host's kernel knows of the way to a member (TCP_INFO, as <c>ss</c> shows it).</summary>
internal static class PeerPath
{
    /// <summary>Those that are in use, or being made; what is being closed may linger for minutes.</summary>
    private static readonly string[] States = ["ESTAB", "SYN-SENT"];

    /// <returns>The TCP connections to an address; null where <c>ss</c> can't tell.</returns>
    public static async Task<IReadOnlyList<PathConnection>?> ReadAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            var listing = await Command.RunAsync("ss", ["--tcp", "--info", "--numeric", "--no-header", "--oneline", "dst", address], timeout: AgentTimeouts.OfProcess.PathListing, cancellationToken: cancellationToken);
            return listing.Succeeded ? Parse(listing.Output) : null;
        }
        catch (AgentException)
        {
            return null;
        }
    }

    // Such as: ESTAB 0 3797 10.42.0.1:45890 10.42.0.2:49152 cubic rto:816 backoff:2 bytes_acked:113153 lastsnd:80 lastack:1432 unacked:9
    internal static IReadOnlyList<PathConnection> Parse(string listing) =>
    [
        .. listing.Split('\n').Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 5 && States.Contains(words[0])).Select(words => new PathConnection(
            $"{words[3]} {words[4]}", (int)ValueOf(words, "unacked"), ValueOf(words, "bytes_acked"), (int)ValueOf(words, "backoff"),
            TimeSpan.FromMilliseconds(ValueOf(words, "rto")), TimeSpan.FromMilliseconds(ValueOf(words, "lastsnd")), TimeSpan.FromMilliseconds(ValueOf(words, "lastack")))),
    ];

    private static long ValueOf(string[] words, string name)
        => words.FirstOrDefault(word => word.Length > name.Length && word[name.Length] == ':' && word.StartsWith(name, StringComparison.Ordinal)) is { } word
            && double.TryParse(word[(name.Length + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? (long)value : 0;
}
