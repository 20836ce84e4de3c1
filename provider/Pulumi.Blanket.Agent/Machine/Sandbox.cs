using System.Globalization;
using System.Threading.Channels;

namespace Pulumi.Blanket.Agent.Machine;

/// <summary>
/// Runs a program on files that somebody else made. It has them, the system's libraries and itself, and nothing else: no other file, no network, no device, no
/// process that it could reach; an account of its own, no privileges, bounded memory, time and size of what it writes. The verb <c>sandbox</c> of this program makes it.
/// </summary>
internal static class Sandbox
{
    public const string Verb = "sandbox";

    /// <summary>What is read, as the program inside sees it.</summary>
    public const string Source = "/source";

    /// <summary>What is written, as the program inside sees it. It is there, and empty or as it was.</summary>
    public const string Target = "/target";

    /// <summary>The kernel finds this program here even after an upgrade has replaced its file.</summary>
    private const string OwnProgram = "/proc/self/exe";

    /// <summary>What a program may say; what is longer is cut off.</summary>
    private const int MostOutputBytes = 256 * 1024;

    /// <summary>
    /// Accounts for programs in a sandbox: numbers that neither distributions nor systemd give to anybody (systemd's "Users, Groups, UIDs and GIDs"). One for each that runs
    /// at once, so that two of them can't reach each other.
    /// </summary>
    private static readonly Channel<uint> Accounts = MakeAccounts(65520, 65521);

    /// <param name="program">Its path.</param>
    /// <param name="arguments">With <see cref="Source"/> and <see cref="Target"/> for its files.</param>
    /// <param name="source">Null where it reads none.</param>
    /// <param name="target">Null where it writes none.</param>
    /// <exception cref="AgentException">It took too long.</exception>
    public static async Task<CommandOutcome> RunAsync(
        string program, IReadOnlyList<string> arguments, string? source, string? target, SandboxLimits limits, CancellationToken cancellationToken)
    {
        var account = await Accounts.Reader.ReadAsync(cancellationToken);
        string[] files = [.. new[] { source, target }.OfType<string>()];
        var owners = files.ToDictionary(static file => file, FileOwner.Of, StringComparer.Ordinal);
        try
        {
            foreach (var file in files)
            {
                FileOwner.Set(file, new FileOwner(account, account));
            }

            return await Command.RunAsync(OwnProgram, Arguments(account, program, arguments, source, target, limits), timeout: limits.Timeout, mostOutputBytes: MostOutputBytes, cancellationToken: cancellationToken);
        }
        catch (AgentException fault) when (fault.Fault == AgentFault.Unavailable)
        {
            throw new AgentException(AgentFault.Unavailable, $"{Path.GetFileName(program)} {arguments[0]} took longer than {limits.Timeout.TotalMinutes:0} min, and was ended", fault);
        }
        finally
        {
            foreach (var file in files.Where(File.Exists))
            {
                FileOwner.Set(file, owners[file]);
            }

            Accounts.Writer.TryWrite(account);
        }
    }

    private static IReadOnlyList<string> Arguments(uint account, string program, IReadOnlyList<string> arguments, string? source, string? target, SandboxLimits limits) =>
    [
        Verb,
        "--account", account.ToString(CultureInfo.InvariantCulture),
        "--memory", limits.MemoryBytes.ToString(CultureInfo.InvariantCulture),
        "--seconds", Math.Ceiling(limits.ProcessorTime.TotalSeconds).ToString("0", CultureInfo.InvariantCulture),
        "--file-size", limits.FileBytes.ToString(CultureInfo.InvariantCulture),
        .. source is null ? Array.Empty<string>() : ["--source", source],
        .. target is null ? Array.Empty<string>() : ["--target", target],
        "--", program, .. arguments,
    ];

    private static Channel<uint> MakeAccounts(params uint[] accounts)
    {
        var channel = Channel.CreateUnbounded<uint>();
        foreach (var account in accounts)
        {
            channel.Writer.TryWrite(account);
        }

        return channel;
    }
}
