using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>
/// Whose a machine is that does not run at the source any more, in a move by post-copy. There the target runs it before the source is asked, so that its disks
/// there may be the newer ones; whether it ever ran there is what decides.
/// </summary>
internal sealed class PostCopyJudge(MovePeers peers)
{
    /// <summary>For libvirt at the target to notice that the last of the memory has come, or that nothing comes any more.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <param name="status">Of the domain at the source: paused, or off.</param>
    /// <returns>Whose it is, and whether its memory is lost.</returns>
    /// <exception cref="AgentException">The target does not answer: it can't be told yet.</exception>
    public async Task<(MoveFate Fate, bool MemoryLost)> JudgeAsync(MoveRecord record, DomainReference domain, DomainStatus status, CancellationToken cancellationToken)
    {
        var order = record.Order;
        if (peers.FindMember(order.Target) is not { } target)
        {
            return (MoveFate.Mine, false); // the user gave the target up
        }

        if (status.State == DomainState.Paused && await IsConnectedAsync(domain, target, cancellationToken))
        {
            return (MoveFate.Busy, false); // QEMU goes on with it, whatever libvirt knows of that
        }

        for (var deadline = DateTime.UtcNow + EndPatience; ; await Task.Delay(Look, cancellationToken))
        {
            switch (await peers.InspectAsync(target, order, cancellationToken))
            {
                case ArrivalState.Whole:
                    return (MoveFate.Gone, false);
                case ArrivalState.Pulling when DateTime.UtcNow > deadline:
                    return (MoveFate.Gone, true);
                case ArrivalState.Standing:
                    return (MoveFate.Mine, false);
                case ArrivalState.Absent:
                    return record.Phase == MovePhase.Switching || status.PausedReason is PausedReason.PostCopy or PausedReason.PostCopyFailed ? (MoveFate.Gone, true) : (MoveFate.Mine, false);
            }
        }
    }

    /// <summary>Whether the machine's QEMU still has its connection to the target's.</summary>
    private static async Task<bool> IsConnectedAsync(DomainReference domain, Member target, CancellationToken cancellationToken)
    {
        if (new FileInfo($"/run/libvirt/qemu/{domain.Name}.pid") is not { Exists: true } file)
        {
            return false;
        }

        var process = (await File.ReadAllTextAsync(file.FullName, cancellationToken)).Trim();
        var connections = await Command.RunAsync("ss", ["-tnpH", "state", "established", "dst", target.MeshAddress, "dport", ">=", $":{MoveCopy.FirstDataPort}"], cancellationToken: cancellationToken);
        return connections.Output.Contains($"pid={process},", StringComparison.Ordinal);
    }
}
