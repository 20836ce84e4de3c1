using System.Globalization;
using System.Text.RegularExpressions;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Domains;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>The TCP connections that one machine's QEMU sends memory and disks by: another one's to the same target are left alone.</summary>
internal static partial class CopyConnections
{
    /// <summary>libvirt's <c>migration_port_min</c>.</summary>
    private const int FirstPort = 49152;

    public static async Task<bool> AnyAsync(DomainReference domain, Member target, CancellationToken cancellationToken)
        => (await FindAsync(domain, target, cancellationToken)).Count > 0;

    /// <summary>Resets them, so that QEMU and libvirt hear at once that they are of no use.</summary>
    public static async Task CutAsync(DomainReference domain, Member target, CancellationToken cancellationToken)
    {
        if (await FindAsync(domain, target, cancellationToken) is { Count: > 0 } ports)
        {
            await Command.RunAsync("ss", ["--kill", "dst", target.MeshAddress, "and", "(", .. ports.SelectMany((port, index) => index == 0 ? [$"sport = :{port}"] : new[] { "or", $"sport = :{port}" }), ")"], timeout: AgentTimeouts.OfProcess.CopyConnections, cancellationToken: cancellationToken);
        }
    }

    /// <returns>Their ports on this side.</returns>
    private static async Task<IReadOnlyList<int>> FindAsync(DomainReference domain, Member target, CancellationToken cancellationToken)
    {
        if (QemuProcess.Find(domain) is not { } process)
        {
            return [];
        }

        var connections = await Command.RunAsync("ss", ["-tnpH", "dst", target.MeshAddress, "dport", ">=", $":{FirstPort}"], timeout: AgentTimeouts.OfProcess.CopyConnections, cancellationToken: cancellationToken);
        return PortsOf(process.Id, connections.Output);
    }

    /// <summary>The local ports of a process, out of what <c>ss -tnpH</c> says.</summary>
    internal static IReadOnlyList<int> PortsOf(string process, string connections) =>
    [
        .. Connection().Matches(connections).Where(match => match.Groups["processes"].Value.Contains($"pid={process},", StringComparison.Ordinal))
            .Select(match => int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture)),
    ];

    // Such as: ESTAB 0 0 10.42.0.1:43210 10.42.0.2:49152 users:(("qemu-system-x86",pid=1234,fd=30))
    [GeneratedRegex(@"\S+:(?<port>\d+)\s+\S+:\d+\s+(?<processes>users:.*)")]
    private static partial Regex Connection();
}
