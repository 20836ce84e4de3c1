using System.Diagnostics;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>A move that this agent is carrying out: several callers may wait for it, and any may end it.</summary>
internal sealed class ActiveMove(string target) : IMachineTeller, IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _cancelled = new();
    private readonly List<IMachineTeller> _listeners = [];

    /// <summary>Machine id.</summary>
    public string Target { get; } = target;

    /// <summary>Runs from when it was asked for.</summary>
    public Stopwatch Since { get; } = Stopwatch.StartNew();

    public CancellationToken Cancelled => _cancelled.Token;

    public Task<MachineView> Outcome { get; set; } = null!;

    public void Cancel() => _cancelled.Cancel();

    public async Task<MachineView> FollowAsync(IMachineTeller teller)
    {
        lock (_lock)
        {
            _listeners.Add(teller);
        }

        try
        {
            return await Outcome;
        }
        finally
        {
            lock (_lock)
            {
                _listeners.Remove(teller);
            }
        }
    }

    public void Say(string line) => Tell(teller => teller.Say(line));

    public void Warn(string line) => Tell(teller => teller.Warn(line));

    public void Progress(ImageProgress progress) => Tell(teller => teller.Progress(progress));

    public void Dispose() => _cancelled.Dispose();

    private void Tell(Action<IMachineTeller> line)
    {
        lock (_lock)
        {
            _listeners.ForEach(line);
        }
    }
}
