namespace Pulumi.Blanket.Agent.Timing;

/// <summary>A point in monotonic time: a step of the wall clock, as NTP makes them, moves no deadline.</summary>
internal readonly struct Deadline
{
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly TimeSpan _timeout;

    /// <param name="timeout">From now on.</param>
    public Deadline(TimeProvider time, TimeSpan timeout)
    {
        _time = time;
        _start = time.GetTimestamp();
        _timeout = timeout;
    }

    public bool IsOver => _time.GetElapsedTime(_start) > _timeout;
}
