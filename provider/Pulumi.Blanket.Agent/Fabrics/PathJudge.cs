using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>
/// Tells a member that is slow from one that can't be reached, from what was observed: whether its agent answers, and whether its kernel acknowledges what is sent to it.
/// Pure: neither clock nor I/O. Whatever a ping sends is on its way until that kernel has it, so that an unanswered ping always shows one or the other.
/// </summary>
/// <param name="start">When the member was last known to be there.</param>
/// <param name="silenceLimit">After so long without an answer it counts as dead whatever its kernel says.</param>
internal sealed class PathJudge(TimeSpan start, TimeSpan silenceLimit)
{
    /// <summary>QEMU stops the guest 15 to 25 s after a cut (measured); a healthy path acknowledges within a second even where everything is starved.</summary>
    public static TimeSpan AcknowledgementLimit => AgentTimeouts.OfProcess.Acknowledgement;

    /// <summary>The kernel knows how slow a path is: it has to have waited in vain twice, the second time twice as long, before it says anything.</summary>
    public const int LeastBackoff = 2;

    /// <summary>Whatever the kernel thought of the path before.</summary>
    public static TimeSpan LongestAcknowledgement => AgentTimeouts.OfProcess.LongestAcknowledgement;

    /// <summary>Without an answer and without a connection nothing shows that anybody is there.</summary>
    public static TimeSpan NoConnectionLimit => AgentTimeouts.OfProcess.NoConnection;

    private readonly Dictionary<string, (long Bytes, TimeSpan Since)> _waiting = [];
    private TimeSpan _answered = start;
    private TimeSpan _acknowledged = start;

    /// <summary>Since the last answer.</summary>
    public TimeSpan Silence { get; private set; }

    /// <summary>Why the path counts as dead; null while it does not.</summary>
    public string? Reason { get; private set; }

    /// <param name="now">On a clock that only goes forward.</param>
    /// <param name="answers">Whether the agent answered the last ping.</param>
    /// <param name="connections">All to that member; null where that could not be found out.</param>
    public PathState Observe(TimeSpan now, bool answers, IReadOnlyList<PathConnection>? connections)
    {
        Reason = null;
        if (answers)
        {
            _waiting.Clear();
            (_answered, _acknowledged, Silence) = (now, now, TimeSpan.Zero);
            return PathState.Answering;
        }

        Silence = now - _answered;
        Follow(now, connections ?? []);
        foreach (var connection in connections ?? [])
        {
            // One that a former cut has stopped, and that was not sent anything since the member last answered, says nothing.
            if (_waiting.TryGetValue(connection.Name, out var waiting) && now - connection.LastSent > _answered && now - waiting.Since is var age && now - _acknowledged >= AcknowledgementLimit
                && ((age >= AcknowledgementLimit && connection.Backoff >= LeastBackoff) || age >= LongestAcknowledgement))
            {
                Reason = FormattableString.Invariant($"nothing that was sent there was acknowledged for {age.TotalSeconds:0.#} s");
            }
        }

        if (Silence >= silenceLimit)
        {
            Reason ??= FormattableString.Invariant($"its agent did not answer for {Silence.TotalSeconds:0} s");
        }
        else if (connections is { Count: 0 } && Silence >= NoConnectionLimit)
        {
            Reason ??= FormattableString.Invariant($"its agent did not answer for {Silence.TotalSeconds:0} s, and there is no connection to it");
        }

        return Reason is null ? PathState.Slow : PathState.Dead;
    }

    /// <summary>Notes since when each connection has waited, and when anything was last acknowledged on one of them.</summary>
    private void Follow(TimeSpan now, IReadOnlyList<PathConnection> connections)
    {
        foreach (var connection in connections)
        {
            var isKnown = _waiting.TryGetValue(connection.Name, out var waiting);
            var isAhead = isKnown && connection.AcknowledgedBytes != waiting.Bytes;
            if (isAhead)
            {
                _acknowledged = now;
            }

            if (connection.Unacknowledged == 0)
            {
                _waiting.Remove(connection.Name);
                _acknowledged = isKnown ? now : _acknowledged;
            }
            else if (!isKnown || isAhead)
            {
                _waiting[connection.Name] = (connection.AcknowledgedBytes, now - connection.LeastAge);
            }
        }
    }
}
