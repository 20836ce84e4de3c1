using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent.Commands;

/// <summary>
/// Puts the running program in its place, as a service, or upgrades the one that is there. The file changes in one step, and the service
/// is restarted only where it changed; guests, links and libvirt's work don't hang on it.
/// </summary>
internal static class InstallCommand
{
    private const string UnitName = "blanket-agent.service";

    /// <param name="expectedHash">SHA-256 of what was sent, in lower-case hexadecimal digits; null: not checked.</param>
    public static async Task<int> RunAsync(string? expectedHash)
    {
        if (expectedHash is not null && AgentVersion.Hash() != expectedHash)
        {
            await Console.Error.WriteLineAsync("blanket-agent: this file is not what was sent: its SHA-256 differs; send it again");
            return ExitCodes.Damaged;
        }

        if (Command.Find("systemctl") is null)
        {
            await Console.Error.WriteLineAsync("blanket-agent: the host has no systemd, which the agent needs");
            return ExitCodes.Failed;
        }

        using var lockFile = await InstallationLock.TakeAsync();

        // Whoever finds the right agent there has it install itself where it is: there is nothing to compare then.
        var isInPlace = Environment.ProcessPath == AgentPaths.Program;
        if (!isInPlace && await InstalledAgent.ReadVersionAsync() is { } installed && installed > AgentVersion.Current)
        {
            await Console.Error.WriteLineAsync($"blanket-agent: the host has version {installed}, this is {AgentVersion.Text}");
            return ExitCodes.Newer;
        }

        var changed = !isInPlace && (!File.Exists(AgentPaths.Program) || await InstalledAgent.ReadHashAsync() != AgentVersion.Hash());
        if (changed)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(AgentPaths.Program)!);
            DurableFile.Write(AgentPaths.Program, await File.ReadAllBytesAsync(Environment.ProcessPath!), DurableFile.Executable);
        }

        Uploads.Remove(Path.GetDirectoryName(Environment.ProcessPath), AgentTimeouts.OfProcess.StaleUpload);
        await SystemdUnit.WriteAsync(AgentPaths.Unit, Unit());
        if (!await SystemdUnit.IsEnabledAsync(UnitName))
        {
            // Has systemd read all its units anew: tenths of a second.
            await SystemdUnit.RunAsync("enable", UnitName);
        }

        await SystemdUnit.RunAsync(changed || await RunsAnotherAsync() ? "restart" : "start", UnitName);
        await Console.Out.WriteLineAsync(AgentVersion.Text);
        return ExitCodes.Done;
    }

    /// <summary>Whether the service still is the program that was there before: an installation was cut after it had put the file in its place.</summary>
    private static async Task<bool> RunsAnotherAsync()
        => await SystemdUnit.FindProcessAsync(UnitName) is { } process && new FileInfo($"/proc/{process}/exe").LinkTarget != AgentPaths.Program;

    private static string Unit() =>
        $"""
        [Unit]
        Description=Pulumi.Blanket agent
        After=network-online.target libvirtd.service
        Wants=network-online.target

        [Service]
        Type=notify
        ExecStart={AgentPaths.Program} serve
        # Hexadecimal. By default the garbage collector lets as much pile up as the processor's cache holds: tens of MiB. What it gives
        # back it gives back in regions, by default of 4 MiB.
        Environment=DOTNET_GCgen0size=200000 DOTNET_GCRegionSize=100000
        # OpenSSL's memory in one place, not in one for each thread that ever came by.
        Environment=MALLOC_ARENA_MAX=1
        # Idle threads sleep at once. By default they look for work for a while first, on cores that belong to guests, and calls wait for those.
        Environment=DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0
        # What faces the bytes of others, in a sandbox, may run out of memory; the agent goes on.
        OOMPolicy=continue
        Restart=always
        RestartSec=1
        TimeoutStopSec=10min

        [Install]
        WantedBy=multi-user.target

        """;
}
