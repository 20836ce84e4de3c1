using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Support;

/// <summary>A resource as an engine keeps it.</summary>
internal sealed record StackResource(string Type, string Name, string Id, ObjectValue Inputs, ObjectValue State, IReadOnlyList<string> InitErrors, bool RefreshBeforeUpdate)
{
    public PropertyValue this[string property] => State[property] ?? throw new KeyNotFoundException($"{Name} has no {property}");

    public string Text(string property) => ((StringValue)this[property].Bare).Text;

    public bool Truth(string property) => ((BoolValue)this[property].Bare).Truth;
}
