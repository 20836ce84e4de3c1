namespace Pulumi.Blanket.Lab.Guest;

/// <summary>Dirties a number of MiB per second, in steps of a twentieth of a second, until told otherwise. 0 is off.</summary>
internal abstract class Load
{
    public const int MiB = 1024 * 1024;

    private const int StepsPerSecond = 20;

    private readonly object _change = new();
    private volatile int _mibPerSecond;

    protected Load() => new Thread(Run) { IsBackground = true }.Start();

    public int MiBPerSecond
    {
        get => _mibPerSecond;
        set
        {
            _mibPerSecond = Math.Max(0, value);
            lock (_change)
            {
                Monitor.PulseAll(_change);
            }
        }
    }

    protected abstract void Dirty(int bytes);

    private void Run()
    {
        while (true)
        {
            WaitUntilOn();
            if (_mibPerSecond is var rate and > 0)
            {
                try
                {
                    Dirty(rate * (MiB / StepsPerSecond));
                }
                catch (IOException fault)
                {
                    // The guest goes on: a program that ended here would look like a guest that restarted.
                    Console.WriteLine($"blanket guest: no load: {fault.Message}");
                    MiBPerSecond = 0;
                }
            }

            Thread.Sleep(1000 / StepsPerSecond);
        }
    }

    /// <summary>An idle guest takes as little of its host as it can.</summary>
    private void WaitUntilOn()
    {
        lock (_change)
        {
            while (_mibPerSecond == 0)
            {
                Monitor.Wait(_change);
            }
        }
    }
}
