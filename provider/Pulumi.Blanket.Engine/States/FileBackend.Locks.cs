using System.Text.Json;

namespace Pulumi.Blanket.Engine.States;

public sealed partial class FileBackend
{
    /// <summary>
    /// Takes a stack for one's own until the result is disposed. A lock of a process of this very host that no longer runs is taken away.
    /// </summary>
    /// <param name="notify">Told, in words for the user, of each lock that was taken away.</param>
    /// <exception cref="EngineException">Somebody else holds it; the message says who, since when, and by which file.</exception>
    public StackLock Lock(StackReference stack, Action<string>? notify = null)
        => InFolder(() =>
        {
            EnsureLayout();
            Refuse(stack, own: null, notify);
            var file = Path.Combine(LockFolder(stack), $"{Guid.NewGuid():D}.json");
            StateFolder.Make(LockFolder(stack));

            // Under a name that is no lock's until it is whole: nobody is to read half of it.
            File.WriteAllBytes(file + WholeFile.TemporarySuffix, LockHolder.Current(_time).ToJson());
            File.Move(file + WholeFile.TemporarySuffix, file);
            try
            {
                // Two who began at once both see the other one, and both go back.
                Refuse(stack, own: file, notify);
            }
            catch
            {
                File.Delete(file);
                throw;
            }

            return new StackLock(file);
        });

    /// <summary>Takes away the locks of a stack, whoever holds them; a process that still runs is not told.</summary>
    /// <returns>How many there were.</returns>
    public Task<int> CancelAsync(StackReference stack, CancellationToken cancellationToken = default)
        => Task.Run(
            () => InFolder(() =>
            {
                var files = LockFiles(stack).ToArray();
                foreach (var file in files)
                {
                    File.Delete(file);
                }

                return files.Length;
            }),
            cancellationToken);

    private string LockFolder(StackReference stack) => Path.Combine(_folder, "locks", StackReference.Organization, stack.Project, stack.Stack);

    private IEnumerable<string> LockFiles(StackReference stack)
        => Directory.Exists(LockFolder(stack)) ? Directory.EnumerateFiles(LockFolder(stack)).Where(file => !file.EndsWith(WholeFile.TemporarySuffix, StringComparison.Ordinal)) : [];

    private void Refuse(StackReference stack, string? own, Action<string>? notify)
    {
        List<string> held = [];
        foreach (var file in LockFiles(stack).Where(file => file != own))
        {
            LockHolder? holder;
            try
            {
                holder = LockHolder.Parse(File.ReadAllBytes(file));
            }
            catch (FileNotFoundException)
            {
                continue;
            }
            catch (JsonException)
            {
                holder = null;
            }

            if (holder?.IsGone == true)
            {
                File.Delete(file);
                notify?.Invoke($"a lock on the stack {stack} by {holder} was taken away: that process no longer runs");
            }
            else
            {
                held.Add($"{holder?.ToString() ?? "an unknown process"} ({file})");
            }
        }

        if (held.Count > 0)
        {
            throw new EngineException(
                EngineFailure.Locked, $"the stack {stack} is locked by {string.Join(", and by ", held)}; wait for it to end, or, if it no longer runs, take the lock away with `blanket cancel`");
        }
    }
}
