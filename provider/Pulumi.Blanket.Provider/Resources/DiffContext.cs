using System.Text.Json;
using Pulumi.Blanket.Protocol.Diffs;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;

namespace Pulumi.Blanket.Provider.Resources;

/// <summary>
/// What a Diff knows, and the changes found so far: those of the inputs, after the resource's table. A hook may add what follows from outputs, and take
/// away what is none. No I/O: a Diff works offline.
/// </summary>
internal sealed class DiffContext<TInputs, TOutputs>(
    string id, ObjectValue oldInputs, ObjectValue oldState, ObjectValue newInputs, RecordCodec<TInputs> inputs, RecordCodec<TOutputs> outputs, List<DiffEntry> entries)
    where TInputs : class
    where TOutputs : class
{
    private readonly List<string> _warnings = [];

    public string Id { get; } = id;

    /// <summary>The inputs of last time.</summary>
    public TInputs Old => field ??= inputs.Decode(oldInputs);

    /// <summary>The inputs as they shall be. What is unknown is null; see <see cref="Knows"/>.</summary>
    public TInputs New => field ??= inputs.Decode(newInputs);

    /// <summary>The outputs as they are in the state.</summary>
    public TOutputs Outputs => field ??= outputs.Decode(oldState);

    public ObjectValue RawOld => oldInputs;

    public ObjectValue RawNew => newInputs;

    public ObjectValue RawState => oldState;

    public IReadOnlyList<DiffEntry> Entries => entries;

    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>For what can't exist twice side by side.</summary>
    public bool DeleteBeforeReplace { get; set; }

    /// <summary>True where a new input is wholly known; one that is not given is known.</summary>
    /// <param name="property">The record's name for it (<c>nameof</c>).</param>
    public bool Knows(string property) => newInputs[JsonNamingPolicy.CamelCase.ConvertName(property)]?.ContainsUnknown != true;

    /// <summary>Adds the change of an input or output, unless it is there.</summary>
    public void Change(string property, bool replaces = false, PropertyChangeKind kind = PropertyChangeKind.Update)
    {
        var name = JsonNamingPolicy.CamelCase.ConvertName(property);
        var index = entries.FindIndex(entry => entry.Path.TopLevel == name);
        if (index < 0)
        {
            entries.Add(new(PropertyPath.Root.Property(name), kind, replaces, inputs.Definition.Find(name) is not null));
        }
        else if (replaces)
        {
            entries[index] = entries[index] with { Replaces = true };
        }
    }

    /// <summary>Adds a change at a place inside an input. What comes and goes at the same place is changed.</summary>
    public void Change(PropertyPath path, PropertyChangeKind kind, bool replaces = false)
    {
        var index = entries.FindIndex(entry => entry.Path.Equals(path));
        if (index < 0)
        {
            entries.Add(new(path, kind, replaces, IsInput: true));
        }
        else
        {
            entries[index] = entries[index] with { Kind = PropertyChangeKind.Update, Replaces = replaces || entries[index].Replaces };
        }
    }

    /// <summary>Tells the user something with every preview and update, also where nothing is to change.</summary>
    public void Warn(string message) => _warnings.Add(message);

    /// <summary>Takes away what was found for a property.</summary>
    public void Keep(string property) => entries.RemoveAll(entry => entry.Path.TopLevel == JsonNamingPolicy.CamelCase.ConvertName(property));
}
