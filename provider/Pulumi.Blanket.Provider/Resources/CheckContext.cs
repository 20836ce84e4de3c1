using System.Text.Json;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;

namespace Pulumi.Blanket.Provider.Resources;

/// <summary>What a Check knows. A hook adds faults that span properties, and may fill in inputs that follow from others.</summary>
internal sealed class CheckContext<TInputs>(string urn, ObjectValue olds, ObjectValue inputs, RecordCodec<TInputs> codec, List<InputFault> faults)
    where TInputs : class
{
    // What is at fault already would only fail to be read.
    private readonly HashSet<string> _faulty = [.. faults.Select(fault => fault.Path.TopLevel).OfType<string>()];

    private TInputs? _typed;

    public string Urn { get; } = urn;

    /// <summary>The inputs of last time; empty for a new resource.</summary>
    public ObjectValue Olds { get; } = olds;

    /// <summary>The inputs as they will be kept, with their wrappers.</summary>
    public ObjectValue Raw { get; private set; } = inputs;

    /// <summary>The inputs. What is not known, or at fault by itself, is null; see <see cref="Knows"/>.</summary>
    public TInputs Inputs => _typed ??= codec.Decode(new ObjectValue(Raw.Properties.Where(property => !_faulty.Contains(property.Key))));

    /// <summary>True where an input is known and sound; one that is not given is.</summary>
    /// <param name="property">The record's name for it (<c>nameof</c>).</param>
    public bool Knows(string property)
    {
        var name = JsonNamingPolicy.CamelCase.ConvertName(property);
        return !_faulty.Contains(name) && Raw[name]?.ContainsUnknown != true;
    }

    /// <summary>Adds a fault.</summary>
    /// <param name="property">The record's name for the property (<c>nameof</c>).</param>
    /// <param name="reason">What it is, what it must be; never the value of a secret.</param>
    public void Fault(string property, string reason) => Fault(PropertyPath.Root.Property(JsonNamingPolicy.CamelCase.ConvertName(property)), reason);

    public void Fault(PropertyPath path, string reason) => faults.Add(new(path, reason));

    /// <summary>Sets an input that follows from others. Check of what Check answered must answer the same.</summary>
    /// <param name="property">The record's name for it (<c>nameof</c>).</param>
    public void Set(string property, PropertyValue value)
    {
        Raw = Raw.With(JsonNamingPolicy.CamelCase.ConvertName(property), value);
        _typed = null;
    }
}
