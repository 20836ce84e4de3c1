namespace Pulumi.Blanket.Engine.States;

/// <summary>Keeps a stack's state on disk while resources change. Safe to call from many threads.</summary>
public interface ISnapshotWriter
{
    /// <summary>
    /// Writes what <paramref name="take"/> gives, atomically, and returns once it (or a later one) is safe on disk. Calls that come while a
    /// write goes on share the next one, for which <paramref name="take"/> of the last of them is asked, once, when that write begins.
    /// </summary>
    Task WriteAsync(Func<Snapshot> take);
}
