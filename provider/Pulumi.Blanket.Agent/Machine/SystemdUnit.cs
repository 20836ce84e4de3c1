using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent.Machine;

/// <summary>Units of the host's systemd.</summary>
internal static class SystemdUnit
{
    public static async Task ReloadAsync(CancellationToken cancellationToken = default)
        => await Command.RunOrThrowAsync("systemctl", ["daemon-reload"], timeout: AgentTimeouts.OfProcess.Systemd, cancellationToken: cancellationToken);

    public static async Task RunAsync(string verb, string unit, CancellationToken cancellationToken = default)
        => await Command.RunOrThrowAsync("systemctl", [verb, unit], timeout: AgentTimeouts.OfProcess.Systemd, cancellationToken: cancellationToken);

    public static async Task<bool> IsActiveAsync(string unit, CancellationToken cancellationToken = default)
        => (await Command.RunAsync("systemctl", ["is-active", "--quiet", unit], timeout: AgentTimeouts.OfProcess.Systemd, cancellationToken: cancellationToken)).Succeeded;

    /// <summary>Whether it starts with the host.</summary>
    public static async Task<bool> IsEnabledAsync(string unit, CancellationToken cancellationToken = default)
        => (await Command.RunAsync("systemctl", ["is-enabled", "--quiet", unit], timeout: AgentTimeouts.OfProcess.Systemd, cancellationToken: cancellationToken)).Succeeded;

    /// <summary>Number of the service's main process; null where it does not run.</summary>
    public static async Task<int?> FindProcessAsync(string unit, CancellationToken cancellationToken = default)
        => int.TryParse(await Command.RunOrThrowAsync("systemctl", ["show", "--property=MainPID", "--value", unit], timeout: AgentTimeouts.OfProcess.Systemd, cancellationToken: cancellationToken), out var id) && id != 0
            ? id
            : null;

    /// <summary>Writes a unit, and tells systemd where it changed.</summary>
    public static async Task WriteAsync(string path, string text, CancellationToken cancellationToken = default)
    {
        if (!File.Exists(path) || await File.ReadAllTextAsync(path, cancellationToken) != text)
        {
            DurableFile.Write(path, text, DurableFile.Readable);
            await ReloadAsync(cancellationToken);
        }
    }

    /// <summary>Stops and removes a unit of ours, if it is there.</summary>
    public static async Task RemoveAsync(string path, CancellationToken cancellationToken = default)
    {
        if (File.Exists(path))
        {
            await Command.RunAsync("systemctl", ["disable", "--now", Path.GetFileName(path)], timeout: AgentTimeouts.OfProcess.Systemd, cancellationToken: cancellationToken);
            DurableFile.Delete(path);
            await ReloadAsync(cancellationToken);
        }
    }
}
