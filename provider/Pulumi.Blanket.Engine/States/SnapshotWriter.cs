namespace Pulumi.Blanket.Engine.States;

/// <summary>
/// Writes a stack's state in the background, one write at a time: whoever comes while one goes on shares the next. So a step waits for
/// two writes at most, however many steps there are.
/// </summary>
public sealed class SnapshotWriter : ISnapshotWriter, IAsyncDisposable
{
    private const string RefusedSuffix = ".refused";

    private readonly CheckpointWriter _checkpoints;
    private readonly WholeFile _file;
    private readonly Action? _written;
    private readonly Lock _lock = new();
    private readonly bool _allowsFaults;
    private Func<Snapshot>? _take;
    private TaskCompletionSource? _next;
    private Task? _loop;

    /// <param name="written">Called after each write, before anyone is told.</param>
    /// <param name="allowsFaults">The user said that this state is to be taken though it is not whole.</param>
    internal SnapshotWriter(CheckpointWriter checkpoints, WholeFile file, Action? written = null, bool allowsFaults = false)
    {
        _allowsFaults = allowsFaults;
        _checkpoints = checkpoints;
        _file = file;
        _written = written;
    }

    /// <inheritdoc/>
    /// <exception cref="EngineException">The state could not be written; the file is what it was. Each write is tried, whatever became of the last one.</exception>
    public Task WriteAsync(Func<Snapshot> take)
    {
        lock (_lock)
        {
            _take = take;
            _next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _loop ??= Task.Run(WriteAll);
            return _next.Task;
        }
    }

    /// <summary>Waits for the write that goes on, and for those who wait for the next.</summary>
    public async ValueTask DisposeAsync()
    {
        Task? loop;
        lock (_lock)
        {
            loop = _loop;
        }

        if (loop is not null)
        {
            await loop;
        }
    }

    // A state that Pulumi would refuse is never written over a good one, and nothing of it is lost.
    private void Write(Snapshot snapshot)
    {
        if (_allowsFaults || SnapshotIntegrity.FaultsOf(snapshot) is not { IsEmpty: false } faults)
        {
            _file.Write(_checkpoints.Write(snapshot));
            return;
        }

        WholeFile beside = new(_file.Path + RefusedSuffix);
        beside.Write(_checkpoints.Write(snapshot));
        throw new EngineException(
            EngineFailure.InvalidState,
            $"the state would not be whole ({SnapshotIntegrity.Describe(faults)}), and was not written: it is what it was, and what it would be is in {beside.Path}. This is a bug in blanket, please report it; `blanket stack import --force --file` of that file and `blanket state repair` go on from there");
    }

    private void WriteAll()
    {
        while (true)
        {
            Func<Snapshot> take;
            TaskCompletionSource waiters;
            lock (_lock)
            {
                if (_next is null)
                {
                    _loop = null;
                    return;
                }

                (take, waiters) = (_take!, _next);
                (_take, _next) = (null, null);
            }

            try
            {
                Write(take());
                _written?.Invoke();
                waiters.SetResult();
            }
            catch (Exception fault)
            {
                // Whatever it was, those who wait have to know.
                waiters.SetException(fault);
            }
        }
    }
}
