using Google.Protobuf;

namespace Pulumi.Blanket.Agent.Machine;

/// <summary>
/// A file's message as it was read. One that can't be read stops nobody who does not need it: each use of it fails, and names the file, until the file is restored, which
/// is noticed. That it is not there and that it is damaged are two things: what is ours on the host is known in the first case alone. So one that was damaged and is moved away
/// stays damaged, until another one is in its place or the agent itself deletes it; but where its removal is an answer.
/// </summary>
internal sealed class RegistryCopy<T>
    where T : class, IMessage<T>, new()
{
    private readonly Func<T, string, bool>? _isWhole;
    private readonly bool _mayBeRemoved;
    private readonly bool _mustBeThere;
    private readonly Lock _lock = new();
    private volatile T? _message;
    private volatile AgentException? _damage;
    private volatile string? _lostPath;
    private (string? Path, DateTime Written, long Length) _damaged;

    /// <param name="find">The file's path; null where there is none.</param>
    /// <param name="isWhole">Whether a message is that of the file at this path: one with nothing in it can be read as well.</param>
    /// <param name="mayBeRemoved">Whether somebody who removes a damaged one says by that that there is none.</param>
    /// <param name="mustBeThere">Whether a path that is found is that of a file which is lost where it is not there.</param>
    public RegistryCopy(Func<string?> find, Func<T, string, bool>? isWhole = null, bool mayBeRemoved = false, bool mustBeThere = false)
    {
        _mayBeRemoved = mayBeRemoved;
        _mustBeThere = mustBeThere;
        _isWhole = isWhole;
        Read(find());
    }

    /// <summary>Not to be changed; null where there is no such file.</summary>
    /// <exception cref="AgentException">The file is damaged.</exception>
    public T? Message
    {
        get
        {
            if (_damage is not null)
            {
                ReadWhereItChanged();
            }

            return _damage is { } damage ? throw new AgentException(damage.Fault, damage.Message, damage) : _message;
        }
    }

    /// <summary>Where the file should be that is lost; null where none is.</summary>
    public string? LostPath => _lostPath;

    /// <summary>What was written, or null for what was deleted.</summary>
    public void Set(T? message)
    {
        lock (_lock)
        {
            (_message, _damage, _lostPath) = (message, null, null);
        }
    }

    private void ReadWhereItChanged()
    {
        lock (_lock)
        {
            if (_damage is not null && _damaged.Path is { } path && Look(path) is var now && now != _damaged && (now.Length >= 0 || _mayBeRemoved))
            {
                Read(path);
            }
        }
    }

    private void Read(string? path)
    {
        var looked = Look(path);
        _lostPath = null;
        try
        {
            var message = path is null ? null : RegistryFile.Read<T>(path);
            _lostPath = message is null && _mustBeThere ? path : null;
            if (_lostPath is not null)
            {
                throw new AgentException(AgentFault.NotPossible, $"{path} is missing, and other files beside it are there: without it the agent does not know what on this host is ours; other members have the same file, and an update of the Fabric brings it");
            }

            if (message is not null && _isWhole?.Invoke(message, path!) == false)
            {
                throw new AgentException(AgentFault.NotPossible, $"{path} is damaged (what it has to hold is not in it); restore it from a backup");
            }

            (_message, _damage) = (message, null);
        }
        catch (AgentException fault)
        {
            (_message, _damage, _damaged) = (null, fault, looked);
        }
    }

    private static (string? Path, DateTime Written, long Length) Look(string? path)
    {
        var file = path is null ? null : new FileInfo(path);
        return file is { Exists: true } ? (path, file.LastWriteTimeUtc, file.Length) : (path, default, -1);
    }
}
