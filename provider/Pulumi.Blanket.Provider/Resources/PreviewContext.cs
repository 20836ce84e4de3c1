using System.Text.Json;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Resources;

/// <summary>
/// What a preview may know: the inputs, as far as they are known, and the state of last time. It changes nothing. All outputs start out as unknown,
/// in the preview of an update those that are <see cref="StableAttribute">stable</see> as they were; <see cref="Know"/> and <see cref="Keep"/> tell more.
/// </summary>
/// <param name="old">The inputs of last time; null for a create.</param>
internal sealed class PreviewContext<TInputs, TOutputs>(OperationContext operation, string id, TInputs inputs, TInputs? old, TOutputs? oldOutputs, ObjectDefinition outputs)
    where TInputs : class
    where TOutputs : class
{
    private ObjectValue _known = ObjectValue.Empty;

    public OperationContext Operation { get; } = operation;

    /// <summary>Empty in the preview of a create.</summary>
    public string Id { get; } = id;

    /// <summary>The inputs to reach. What is not known is null; see <see cref="OperationContext.Knows"/>.</summary>
    public TInputs New { get; } = inputs;

    /// <summary>The inputs of last time; null in the preview of a create.</summary>
    public TInputs? Old { get; } = old;

    /// <summary>The outputs of last time; null in the preview of a create.</summary>
    public TOutputs? OldOutputs { get; } = oldOutputs;

    public bool IsCreate => Old is null;

    /// <summary>An output will have this value; a secret one is wrapped by itself.</summary>
    /// <param name="property">The record's name for it (<c>nameof</c>).</param>
    public void Know(string property, PropertyValue value)
    {
        var definition = Find(property);
        _known = _known.With(definition.Name, definition.IsSecret && !value.ContainsSecret ? new SecretValue(value) : value);
    }

    /// <summary>Outputs stay as they were, where there is an old state.</summary>
    /// <param name="properties">The record's names for them (<c>nameof</c>).</param>
    public void Keep(params ReadOnlySpan<string> properties)
    {
        foreach (var property in properties)
        {
            if (Operation.State[Find(property).Name] is { } value)
            {
                _known = _known.With(Find(property).Name, value);
            }
        }
    }

    /// <summary>All outputs stay as they were but these.</summary>
    /// <param name="properties">The record's names for them (<c>nameof</c>).</param>
    public void KeepAllBut(params ReadOnlySpan<string> properties)
    {
        foreach (var output in outputs.Properties)
        {
            if (Operation.State[output.Name] is { } value)
            {
                _known = _known.With(output.Name, value);
            }
        }

        Forget(properties);
    }

    /// <summary>Outputs are not known after all.</summary>
    /// <param name="properties">The record's names for them (<c>nameof</c>).</param>
    public void Forget(params ReadOnlySpan<string> properties)
    {
        foreach (var property in properties)
        {
            _known = _known.Without(Find(property).Name);
        }
    }

    internal ObjectValue Outputs()
    {
        var result = _known;
        foreach (var output in outputs.Properties)
        {
            if (!result.TryGet(output.Name, out _))
            {
                var value = !IsCreate && output.IsStable && Operation.State[output.Name] is { } stable ? stable : new UnknownValue(KindOf(output.Value.Shape));
                result = result.With(output.Name, output.IsSecret && !value.ContainsSecret ? new SecretValue(value) : value);
            }
        }

        return result;
    }

    private PropertyDefinition Find(string property)
        => outputs.Find(JsonNamingPolicy.CamelCase.ConvertName(property)) ?? throw new InvalidOperationException($"there is no output {property}");

    private static UnknownKind KindOf(ValueShape shape) => shape switch
    {
        ValueShape.Boolean => UnknownKind.Bool,
        ValueShape.Integer or ValueShape.Number => UnknownKind.Number,
        ValueShape.List => UnknownKind.Array,
        ValueShape.Object or ValueShape.Map => UnknownKind.Object,
        _ => UnknownKind.Text,
    };
}
