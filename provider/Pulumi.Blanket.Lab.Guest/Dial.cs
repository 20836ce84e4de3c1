namespace Pulumi.Blanket.Lab.Guest;

/// <summary>A number that is set from outside, and whose user sleeps while it is 0: an idle guest takes as little of its host as it can.</summary>
internal sealed class Dial
{
    private readonly object _change = new();
    private volatile int _value;

    public int Value
    {
        get => _value;
        set
        {
            lock (_change)
            {
                _value = value;
                Monitor.PulseAll(_change);
            }
        }
    }

    /// <summary>Waits until it is not 0.</summary>
    public int WaitUntilOn()
    {
        lock (_change)
        {
            while (_value == 0)
            {
                Monitor.Wait(_change);
            }

            return _value;
        }
    }
}
