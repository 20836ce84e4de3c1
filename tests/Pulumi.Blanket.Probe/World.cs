using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Pulumi.Blanket.Probe;

/// <summary>What the provider has made: files in a folder, one for each resource, or nothing that lasts.</summary>
/// <param name="folder">Null for nothing that lasts.</param>
/// <param name="seen">Told, before anything is done: the operation, and the resource's URN.</param>
internal sealed class World(string? folder, Action<string, string>? seen = null)
{
    private const string Variable = "PROBE_WORLD";

    private readonly ConcurrentDictionary<string, (string Urn, Struct Inputs)> _memory = new();
    private readonly ConcurrentDictionary<string, bool> _named = new();
    private int _last;

    public static World FromEnvironment() => new(Environment.GetEnvironmentVariable(Variable));

    /// <summary>The ids of what is there.</summary>
    public IReadOnlyCollection<string> Ids => [.. _memory.Keys];

    public void Begin(string operation, string urn) => seen?.Invoke(operation, urn);

    public string Create(string urn, Struct inputs)
    {
        // What an interrupted create left is found again, as a good provider does.
        if (folder is not null && Directory.GetFiles(folder, "*.thing").FirstOrDefault(file => ReadFile(file) is { } found && found.Urn == urn && !IsNamed(file)) is { } left)
        {
            Put(Path.GetFileNameWithoutExtension(left), urn, inputs);
            return Path.GetFileNameWithoutExtension(left);
        }

        if (folder is null && _memory.FirstOrDefault(thing => thing.Value.Urn == urn && !_named.ContainsKey(thing.Key)).Key is { } unnamed)
        {
            Put(unnamed, urn, inputs);
            return unnamed;
        }

        var id = folder is null ? $"id-{Interlocked.Increment(ref _last)}" : Guid.NewGuid().ToString("N");
        Put(id, urn, inputs);
        return id;
    }

    /// <summary>The engine knows the resource by its id: no create takes it for its own any more.</summary>
    public void Name(string id)
    {
        _named.TryAdd(id, true);
        if (folder is not null && File.Exists(FileOf(id)))
        {
            File.WriteAllText(FileOf(id) + ".named", "");
        }
    }

    /// <summary>The URN under which it was made.</summary>
    public string UrnOf(string id) => _memory[id].Urn;

    public Struct? Read(string id) => folder is null
        ? _memory.TryGetValue(id, out var resource) ? resource.Inputs : null
        : File.Exists(FileOf(id)) ? ReadFile(FileOf(id))!.Value.Inputs : null;

    public void Put(string id, string urn, Struct inputs)
    {
        if (folder is null)
        {
            _memory[id] = (urn, inputs);
            return;
        }

        // Whole or not at all, like the cloud's own calls.
        var file = FileOf(id);
        File.WriteAllText(file + ".new", urn + "\n" + JsonFormatter.Default.Format(inputs));
        File.Move(file + ".new", file, overwrite: true);
    }

    public void Delete(string id)
    {
        _memory.TryRemove(id, out _);
        if (folder is not null)
        {
            File.Delete(FileOf(id));
            File.Delete(FileOf(id) + ".named");
        }
    }

    private static bool IsNamed(string file) => File.Exists(file + ".named");

    private static (string Urn, Struct Inputs)? ReadFile(string file)
    {
        try
        {
            var lines = File.ReadAllText(file).Split('\n', 2);
            return (lines[0], JsonParser.Default.Parse<Struct>(lines[1]));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private string FileOf(string id) => Path.Combine(folder!, id + ".thing");
}
