using System.Text.Json;

namespace Pulumi.Blanket.Agent.Timing;

/// <summary>Reads <see cref="AgentTimeouts"/> from a file that only root can write. For tests: no host needs it.</summary>
internal static class AgentTimeoutsFile
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <returns>The defaults where there is no such file.</returns>
    /// <exception cref="AgentException">The file is not as it has to be; the message says how.</exception>
    public static AgentTimeouts Read(string path)
    {
        if (!File.Exists(path))
        {
            return new AgentTimeouts();
        }

        if ((File.GetUnixFileMode(path) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
        {
            throw new AgentException(AgentFault.NotPossible, $"{path} can be written by others than its owner; remove it, or take that away with `chmod go-w`");
        }

        AgentTimeouts timeouts;
        try
        {
            timeouts = JsonSerializer.Deserialize(File.ReadAllText(path), TimeoutsJson.Default.AgentTimeouts) ?? throw new JsonException("there is nothing in it");
        }
        catch (JsonException fault)
        {
            throw new AgentException(AgentFault.NotPossible, $"{path} is no list of the agent's timeouts ({fault.Message}); remove it, or mend it: {{ \"shutdown\": \"00:00:05\" }}", fault);
        }

        foreach (var (name, value) in Values(timeouts))
        {
            if (value < Shortest || value > Longest)
            {
                throw new AgentException(AgentFault.NotPossible, $"{path} has '{name}' at {value}; it has to be from {Shortest} to {Longest}");
            }
        }

        return timeouts;
    }

    /// <summary>Those that are not as they are by default, to be logged.</summary>
    public static IReadOnlyList<string> Changed(AgentTimeouts timeouts)
        => [.. Values(timeouts).Except(Values(new AgentTimeouts())).Select(static timeout => $"{timeout.Name} {timeout.Value}")];

    private static IEnumerable<(string Name, TimeSpan Value)> Values(AgentTimeouts timeouts)
        => TimeoutsJson.Default.AgentTimeouts.Properties.Select(property => (property.Name, (TimeSpan)property.Get!(timeouts)!));
}
