using System.Security.Cryptography;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Ssh;
using Pulumi.Blanket.Provider.Ssh.Connections;

namespace Pulumi.Blanket.Provider.Agents;

/// <summary>
/// Brings the agent to a host: uploads it where the one that is there is another, and has it install itself. Besides the agent nothing
/// is ever run on a host.
/// </summary>
internal sealed class AgentInstaller(SshConnections connections)
{
    private const string Installed = "/usr/local/sbin/blanket-agent";

    private const int NotFound = 127;
    private const int Newer = 4;

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Sees to it that this plugin's agent is installed on the host and runs.</summary>
    /// <exception cref="ProviderException">The host can't be reached, has a newer agent, or can't run one.</exception>
    public Task EnsureAsync(SshTarget target, string host, Action<string> progress, CancellationToken cancellationToken) => GuardAsync(host, async () =>
    {
        var connection = await connections.GetAsync(target, cancellationToken);
        var version = await connection.RunAsync(AsRoot(target, $"{Installed} version"), cancellationToken: cancellationToken);
        var words = version.Text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (version.ExitStatus != 0 && !IsMissing(version) && version.Error.Contains("sudo:", StringComparison.Ordinal))
        {
            throw SudoRefused(target, version.Error);
        }

        if (words is [var number, ..] && Version.TryParse(number, out var there) && there > Version.Parse(PluginVersion.Current))
        {
            throw new ProviderException(FailureReason.Precondition,
                $"host {host}: its agent has version {there}, and this plugin is {PluginVersion.Current}; use the plugin's version {there} or a newer one");
        }

        var bundle = AgentBundle.For(await connection.GetArchitectureAsync(cancellationToken));
        if (words is [_, var hash, ..] && hash == bundle.Hash)
        {
            // The same file; it may have been stopped.
            await InstallAsync(connection, target, host, Installed, bundle, cancellationToken);
            return true;
        }

        progress(version.ExitStatus == 0 ? $"upgrading the agent from {words.FirstOrDefault()} to {PluginVersion.Current}" : "bringing the agent");
        await WithUploadAsync(connection, bundle, file => InstallAsync(connection, target, host, file, bundle, cancellationToken), cancellationToken);
        return true;
    });

    /// <summary>What a host is, whether it has an agent or not. Leaves nothing there.</summary>
    public Task<HostFacts> LookAsync(SshTarget target, string host, CancellationToken cancellationToken) => GuardAsync(host, async () =>
    {
        var connection = await connections.GetAsync(target, cancellationToken);
        var bundle = AgentBundle.For(await connection.GetArchitectureAsync(cancellationToken));
        HostFacts? facts = null;
        await WithUploadAsync(connection, bundle, async file =>
        {
            var result = await connection.RunAsync(AsRoot(target, $"{file} facts"), cancellationToken: cancellationToken);
            facts = result.ExitStatus == 0 ? HostFacts.Parser.ParseFrom(result.Output) : throw Failed(target, host, "looking at the host", result);
        }, cancellationToken);
        return facts!;
    });

    /// <summary>Removes the agent from a host that nobody holds any more.</summary>
    public Task RemoveAsync(SshTarget target, string host, CancellationToken cancellationToken) => GuardAsync(host, async () =>
    {
        var connection = await connections.GetAsync(target, cancellationToken);
        var result = await connection.RunAsync(AsRoot(target, $"{Installed} uninstall"), cancellationToken: cancellationToken);
        return result.ExitStatus == 0 || IsMissing(result) ? true : throw Failed(target, host, "removing the agent", result);
    });

    /// <summary>Who the machine is, without an agent.</summary>
    public Task<string> ReadMachineIdAsync(SshTarget target, string host, CancellationToken cancellationToken) => GuardAsync(host, async () =>
    {
        var connection = await connections.GetAsync(target, cancellationToken);
        return System.Text.Encoding.ASCII.GetString(await connection.ReadStartAsync("/etc/machine-id", 64, cancellationToken)).Trim();
    });

    private static async Task InstallAsync(SshConnection connection, SshTarget target, string host, string file, AgentBundle bundle, CancellationToken cancellationToken)
    {
        var result = await connection.RunAsync(AsRoot(target, $"{file} install --sha256 {bundle.Hash}"), cancellationToken: cancellationToken);
        switch (result.ExitStatus)
        {
            case 0:
                return;
            case Newer:
                throw new ProviderException(FailureReason.Precondition, $"host {host}: {result.Error.Trim()}; use a plugin as new as the host's agent");
            default:
                throw Failed(target, host, "installing the agent", result);
        }
    }

    /// <summary>Uploads to the account's home, where nobody else can put a file of theirs in its place, and removes it again.</summary>
    private static async Task WithUploadAsync(SshConnection connection, AgentBundle bundle, Func<string, Task> use, CancellationToken cancellationToken)
    {
        // A name of its own, since others may be at it, too. What an upload that was cut leaves behind is removed by the agent that comes after it.
        var file = $"./blanket-agent.upload-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        try
        {
            await using (var content = File.OpenRead(bundle.Path))
            {
                await connection.UploadAsync(content, file[2..], Mode, cancellationToken: cancellationToken);
            }

            // Its buffers are tens of MiB of garbage, which would otherwise lie in memory as long as the plugin runs.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            await use(file);
        }
        finally
        {
            await RemoveUploadAsync(connection, file[2..]);
        }
    }

    private static async Task RemoveUploadAsync(SshConnection connection, string file)
    {
        try
        {
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(5));
            await connection.DeleteAsync(file, limit.Token);
        }
        catch (Exception fault) when (fault is SshException or OperationCanceledException)
        {
            // The link is gone; the next attempt removes it.
        }
    }

    private static string AsRoot(SshTarget target, string command) => target.User == SshTarget.DefaultUser ? command : $"sudo -n {command}";

    /// <summary>A shell says it by its exit code, sudo by its words.</summary>
    private static bool IsMissing(SshCommandResult result)
        => result.ExitStatus == NotFound || (result.ExitStatus == 1 && result.Error.Contains("command not found", StringComparison.Ordinal));

    private static ProviderException Failed(SshTarget target, string host, string what, SshCommandResult result)
        => result.Error.Contains("sudo:", StringComparison.Ordinal)
            ? SudoRefused(target, result.Error)
            : new ProviderException(FailureReason.Precondition, $"host {host}: {what} failed with exit code {result.ExitStatus?.ToString() ?? "none"}: {result.Error.Trim()}");

    private static ProviderException SudoRefused(SshTarget target, string error)
        => new(FailureReason.Precondition, $"{target}: the account may not become root without a password ({error.Trim()}); let it (sudoers: NOPASSWD), or use `user: root`");

    private static async Task<T> GuardAsync<T>(string host, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (SshException fault)
        {
            throw AgentFaults.From(fault, host);
        }
    }
}
