namespace Pulumi.Blanket.Agent.Serving;

/// <summary>
/// Which failures of a loop are worth a line: each message once, then after growing intervals. A peer may be away for days, and a line for each attempt would fill the journal.
/// </summary>
/// <param name="first">Until the same message may come again; doubles with each line of it.</param>
/// <param name="longest">What it grows to.</param>
internal sealed class FailureLog(TimeProvider time, TimeSpan first, TimeSpan longest)
{
    /// <summary>Messages with a figure in them are never the same twice: beyond this many, failures of one kind are one message.</summary>
    private const int MostMessages = 16;

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>True when a failure was told and no recovery since.</summary>
    private bool _isTold;

    /// <param name="unsaid">How often it came since its last line.</param>
    /// <returns>True where the failure is to be logged now.</returns>
    public bool Note(Exception fault, out int unsaid)
    {
        unsaid = 0;
        var key = _entries.ContainsKey(fault.Message) || _entries.Count < MostMessages ? fault.Message : fault.GetType().Name;
        if (!_entries.TryGetValue(key, out var entry))
        {
            _entries[key] = new Entry(time.GetTimestamp(), first, 0);
            _isTold = true;
            return true;
        }

        if (time.GetElapsedTime(entry.Told) < entry.Interval)
        {
            _entries[key] = entry with { Unsaid = entry.Unsaid + 1 };
            return false;
        }

        unsaid = entry.Unsaid;
        _entries[key] = new Entry(time.GetTimestamp(), Smaller(entry.Interval * 2, longest), 0);
        _isTold = true;
        return true;
    }

    /// <returns>True where the recovery is to be logged, since the last line was of a failure.</returns>
    public bool NoteSuccess()
    {
        // What comes and goes all the time stays in mind until it has been away for its interval.
        foreach (var old in _entries.Where(entry => time.GetElapsedTime(entry.Value.Told) >= entry.Value.Interval).Select(entry => entry.Key).ToList())
        {
            _entries.Remove(old);
        }

        (var wasTold, _isTold) = (_isTold, false);
        return wasTold;
    }

    private static TimeSpan Smaller(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private sealed record Entry(long Told, TimeSpan Interval, int Unsaid);
}
