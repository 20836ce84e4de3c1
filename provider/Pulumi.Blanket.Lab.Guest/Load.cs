namespace Pulumi.Blanket.Lab.Guest;

/// <summary>Dirties a number of MiB per second, in steps of a twentieth of a second, until told otherwise. 0 is off.</summary>
internal abstract class Load
{
    public const int MiB = 1024 * 1024;

    private const int StepsPerSecond = 20;

    private readonly Dial _rate = new();

    protected Load() => new Thread(Run) { IsBackground = true }.Start();

    public int MiBPerSecond
    {
        get => _rate.Value;
        set => _rate.Value = Math.Max(0, value);
    }

    protected abstract void Dirty(int bytes);

    private void Run()
    {
        while (true)
        {
            var rate = _rate.WaitUntilOn();
            try
            {
                Dirty(rate * (MiB / StepsPerSecond));
            }
            catch (IOException fault)
            {
                // The guest goes on: a program that ended here would look like a guest that restarted.
                Console.WriteLine($"blanket guest: no load: {fault.Message}");
                _rate.Value = 0;
            }

            Thread.Sleep(1000 / StepsPerSecond);
        }
    }
}
