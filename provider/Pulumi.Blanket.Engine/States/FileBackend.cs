using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ZstdSharp;

namespace Pulumi.Blanket.Engine.States;

/// <summary>
/// States in a folder, laid out as <c>pulumi login file://…</c> does, with stacks by project (pulumi/pulumi, <c>pkg/backend/diy</c>).
/// </summary>
public sealed partial class FileBackend
{
    private const string JsonExtension = ".json";
    private const string GzipExtension = ".json.gz";
    private const string ZstdExtension = ".json.zst";

    private readonly string _folder;
    private readonly TimeProvider _time;

    /// <param name="root">The folder above <c>.pulumi</c>.</param>
    public FileBackend(string root, TimeProvider? time = null)
    {
        Root = Path.GetFullPath(root);
        _folder = Path.Combine(Root, ".pulumi");
        _time = time ?? TimeProvider.System;
    }

    /// <summary>The folder above <c>.pulumi</c>.</summary>
    public string Root { get; }

    public string Url => $"file://{Root}";

    /// <summary>The stacks of a project, or of all, by name.</summary>
    /// <exception cref="EngineException">The folder's layout is not known here, or it can't be read.</exception>
    public ImmutableArray<StackSummary> List(string? project = null)
        => InFolder(() =>
        {
            CheckLayout();
            var stacks = Path.Combine(_folder, "stacks");
            return !Directory.Exists(stacks)
                ? []
                : Directory.EnumerateDirectories(stacks)
                    .Where(folder => project is null || Path.GetFileName(folder) == project)
                    .SelectMany(References)
                    .Distinct()
                    .OrderBy(stack => stack.FullName, StringComparer.Ordinal)
                    .Select(Summarize)
                    .ToImmutableArray();
        });

    public bool Exists(StackReference stack) => InFolder(() => FindState(stack) is not null);

    /// <summary>Makes a stack without resources.</summary>
    /// <param name="secrets">What its secrets will be sealed with.</param>
    /// <exception cref="EngineException">There is one of that name, or the folder can't be written.</exception>
    public void Create(StackReference stack, PassphraseSecrets? secrets)
    {
        InFolder(() =>
        {
            EnsureLayout();
            return 0;
        });
        if (Exists(stack))
        {
            throw new EngineException(EngineFailure.InvalidInput, $"there is a stack {stack} already, in {Root}");
        }

        new WholeFile(StatePath(stack)).Write(new CheckpointWriter(stack.FullName, secrets, time: _time).Write(Snapshot.Empty));
    }

    /// <summary>Reads a stack's state.</summary>
    /// <exception cref="EngineException">There is no such stack, its state can't be read, or its secrets can't be opened.</exception>
    public Checkpoint Load(StackReference stack, PassphraseSource passphrase)
    {
        var file = InFolder(() =>
        {
            CheckLayout();
            return FindState(stack);
        }) ?? throw new EngineException(EngineFailure.NotFound, $"there is no stack {stack} in {Root}; `blanket stack init` makes it");
        return new CheckpointReader(passphrase).Read(InFolder(() => ReadState(file)), file);
    }

    /// <summary>What keeps a stack's state while it changes; to be opened by who holds its lock.</summary>
    /// <param name="secrets">What its secrets are sealed with from now on.</param>
    /// <param name="loaded">The state as it was; secrets of it that are still the same stay sealed as they were.</param>
    /// <param name="allowsFaults">Writes a state, too, that is not whole; without this it is refused.</param>
    public SnapshotWriter OpenWriter(StackReference stack, PassphraseSecrets? secrets, Checkpoint? loaded, bool allowsFaults = false)
    {
        WholeFile file = new(StatePath(stack), keepsOld: true);
        InFolder(() =>
        {
            file.DiscardLeftovers();
            return 0;
        });
        return new SnapshotWriter(new CheckpointWriter(stack.FullName, secrets, loaded, _time), file, () => RetireCompressed(stack), allowsFaults);
    }

    /// <summary>Removes a stack; its last state stays as <c>.bak</c>, and its backups stay.</summary>
    /// <param name="force">Even if it has resources, which are nobody's then.</param>
    /// <param name="settingsFile">The stack's settings, to be removed with it; null keeps them.</param>
    /// <exception cref="EngineException">There is no such stack, it has resources, or somebody holds it.</exception>
    public void Remove(StackReference stack, bool force = false, string? settingsFile = null, Action<string>? notify = null)
    {
        using var held = Lock(stack, notify);
        var file = InFolder(() => FindState(stack)) ?? throw new EngineException(EngineFailure.NotFound, $"there is no stack {stack} in {Root}");
        var (count, pending, _) = InFolder(() => Peek(file));
        if (!force && (count, pending) is not (0, 0))
        {
            throw new EngineException(
                EngineFailure.InvalidInput,
                $"the stack {stack} {(count is null ? "has a state that can't be read" : count > 0 ? $"still has {count} resources" : $"has {pending} operations of which nobody knows how they ended (`blanket up` tells)")}; `blanket destroy` removes them, and --force removes the stack without them");
        }

        InFolder(() =>
        {
            File.Move(file, file + WholeFile.BackupSuffix, overwrite: true);
            var history = HistoryFolder(stack);
            if (Directory.Exists(history))
            {
                Directory.Delete(history, recursive: true);
            }

            if (settingsFile is not null)
            {
                File.Delete(settingsFile);
            }

            return 0;
        });
    }

    /// <summary>Gives a stack another name, with its state, its history and its settings.</summary>
    /// <param name="settings">The settings' file of the old and of the new stack.</param>
    /// <exception cref="EngineException">There is no such stack, there is one of that name already, or somebody holds one of them.</exception>
    public async Task RenameAsync(StackReference stack, StackReference to, PassphraseSource passphrase, (string From, string To) settings, Action<string>? notify = null)
    {
        if (Exists(to))
        {
            throw new EngineException(EngineFailure.InvalidInput, $"there is a stack {to} already, in {Root}");
        }

        using var held = Lock(stack, notify);
        using var taken = Lock(to, notify);
        var loaded = Load(stack, passphrase);
        await using (var writer = OpenWriter(to, loaded.Secrets, loaded, allowsFaults: true))
        {
            await writer.WriteAsync(() => StateEdits.RenameStack(loaded.Snapshot, stack, to));
        }

        // The new one is whole now; what follows can be done by hand where it fails.
        InFolder(() =>
        {
            if (File.Exists(settings.From))
            {
                File.Move(settings.From, settings.To, overwrite: false);
            }

            if (HasHistory(stack) && !HasHistory(to))
            {
                Directory.Move(HistoryFolder(stack), HistoryFolder(to));
                foreach (var file in Directory.GetFiles(HistoryFolder(to), $"{stack.Stack}-*"))
                {
                    File.Move(file, Path.Combine(HistoryFolder(to), to.Stack + Path.GetFileName(file)[stack.Stack.Length..]));
                }
            }

            if (FindState(stack) is { } old)
            {
                File.Move(old, old + WholeFile.BackupSuffix, overwrite: true);
            }

            return 0;
        });
    }

    /// <summary>The state's file, whether it is there or not.</summary>
    internal string StatePath(StackReference stack) => Path.Combine(_folder, "stacks", stack.Project, stack.Stack + JsonExtension);

    private static IEnumerable<StackReference> References(string folder)
    {
        var project = Path.GetFileName(folder);
        if (!StackReference.IsName(project))
        {
            yield break;
        }

        foreach (var file in Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)!))
        {
            var extension = new[] { GzipExtension, ZstdExtension, JsonExtension }.FirstOrDefault(end => file.EndsWith(end, StringComparison.Ordinal));
            if (extension is not null && StackReference.IsName(file[..^extension.Length]))
            {
                yield return new StackReference(project, file[..^extension.Length]);
            }
        }
    }

    private static byte[] ReadState(string file)
    {
        using Stream stored = File.OpenRead(file);
        using var stream = Path.GetExtension(file) switch
        {
            ".gz" => new GZipStream(stored, CompressionMode.Decompress),
            ".zst" => new DecompressionStream(stored),
            _ => stored,
        };
        using MemoryStream content = new();
        try
        {
            stream.CopyTo(content);
        }
        catch (ZstdException fault)
        {
            throw new InvalidDataException($"{file} is damaged: {fault.Message}", fault);
        }

        return content.ToArray();
    }

    // Without opening secrets, and without making values of it.
    private static (int? Count, int Pending, DateTimeOffset? Written) Peek(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(ReadState(file), CheckpointFormat.Reading);
            if (!document.RootElement.TryGetProperty("checkpoint", out var checkpoint) || !checkpoint.TryGetProperty("latest", out var latest) || latest.ValueKind != JsonValueKind.Object)
            {
                return (0, 0, null);
            }

            int Length(string name) => latest.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.GetArrayLength() : 0;
            return (Length("resources"), Length("pending_operations"), latest.TryGetProperty("manifest", out var manifest) && manifest.TryGetProperty("time", out var time) && time.TryGetDateTimeOffset(out var written) ? written.ToUniversalTime() : null);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or InvalidDataException or EngineException)
        {
            return (null, 0, null);
        }
    }

    private StackSummary Summarize(StackReference stack)
    {
        var (count, _, written) = FindState(stack) is { } file ? Peek(file) : (null, 0, null);
        return new StackSummary(stack, count is 0 && !HasHistory(stack) ? null : written, count, LockFiles(stack).Any());
    }

    private bool HasHistory(StackReference stack) => Directory.Exists(HistoryFolder(stack));

    // Where there are several, the one written last counts, as with Pulumi.
    private string? FindState(StackReference stack)
    {
        var plain = StatePath(stack);
        var stem = plain[..^JsonExtension.Length];
        return new[] { plain, stem + GzipExtension, stem + ZstdExtension }.Where(File.Exists).MaxBy(File.GetLastWriteTimeUtc);
    }

    // States are written plain here; the compressed one would be taken for a second state.
    private void RetireCompressed(StackReference stack)
    {
        foreach (var compressed in new[] { GzipExtension, ZstdExtension }.Select(extension => StatePath(stack)[..^JsonExtension.Length] + extension).Where(File.Exists))
        {
            File.Move(compressed, compressed + WholeFile.BackupSuffix, overwrite: true);
        }
    }

    private void CheckLayout()
    {
        var meta = Path.Combine(_folder, "meta.yaml");
        if (File.Exists(meta))
        {
            var version = File.ReadLines(meta).Select(line => line.Trim()).FirstOrDefault(line => line.StartsWith("version:", StringComparison.Ordinal))?["version:".Length..].Trim();
            if (version != "1")
            {
                throw new EngineException(
                    EngineFailure.InvalidState,
                    version == "0"
                        ? $"the states in {Root} are not ordered by project; run `pulumi state upgrade` on them once"
                        : $"the states in {Root} have the layout '{version}' ({meta}), and 1 is the newest that is known here; use Pulumi");
            }
        }
        else if (Directory.Exists(Path.Combine(_folder, "stacks")) && Directory.EnumerateFiles(Path.Combine(_folder, "stacks"), "*" + JsonExtension).Any())
        {
            throw new EngineException(EngineFailure.InvalidState, $"the states in {Root} are not ordered by project; run `pulumi state upgrade` on them once");
        }
    }

    private void EnsureLayout()
    {
        CheckLayout();
        var meta = Path.Combine(_folder, "meta.yaml");
        if (!File.Exists(meta))
        {
            if (!Directory.Exists(Root))
            {
                throw new EngineException(EngineFailure.NotFound, $"the folder {Root} for the states is not there; make it, or name another one");
            }

            StateFolder.Make(_folder);
            new WholeFile(meta).Write(Encoding.UTF8.GetBytes("version: 1\n"));
        }
    }

    private T InFolder<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new EngineException(EngineFailure.Storage, $"the states in {Root} could not be used: {fault.Message}", fault);
        }
    }
}
