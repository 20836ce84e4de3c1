using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent.Hosts;

/// <summary>Installs Debian packages. Nothing is ever removed again: others may have come to need them.</summary>
internal static class PackageInstaller
{
    /// <summary>Another apt may be at work, as it is on a machine that was just rented.</summary>
    private const string LockTimeout = "DPkg::Lock::Timeout=300";

    /// <exception cref="AgentException">It can't be done; the message lists what to install by hand.</exception>
    public static async Task InstallAsync(IReadOnlyList<string> packages, Action<string> progress, CancellationToken cancellationToken)
    {
        progress($"installing {string.Join(", ", packages)}");

        // A transaction that was cut by a power failure would stop every later one.
        await Command.RunAsync("dpkg", ["--configure", "-a"], timeout: AgentTimeouts.OfProcess.PackageInstallation, cancellationToken: cancellationToken);
        var update = await Command.RunAsync("apt-get", ["-q", "-o", LockTimeout, "update"], timeout: AgentTimeouts.OfProcess.PackageUpdate, cancellationToken: cancellationToken);
        var install = await Command.RunAsync("apt-get",
            ["-q", "-y", "-o", LockTimeout, "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold", "install", "--no-install-recommends", .. packages],
            timeout: AgentTimeouts.OfProcess.PackageInstallation,
            line: line =>
            {
                if (line.StartsWith("Setting up ", StringComparison.Ordinal))
                {
                    progress(line.TrimEnd(' ', '.'));
                }
            },
            cancellationToken: cancellationToken);
        if (!install.Succeeded)
        {
            throw new AgentException(AgentFault.NotPossible,
                $"apt-get could not install {string.Join(", ", packages)}: {install.Complaint}{(update.Succeeded ? "" : $"; apt-get update had failed, too: {update.Complaint}")}. "
                + "Put the host's package sources right or install these packages by hand, and run it again");
        }
    }
}
