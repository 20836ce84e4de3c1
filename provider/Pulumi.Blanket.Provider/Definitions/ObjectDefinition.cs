using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>
/// What a record of ours says about an object: its properties with their types, defaults, rules and descriptions. Schema, decoding and
/// validation all follow from it.
/// </summary>
internal sealed class ObjectDefinition(string name, string description)
{
    private Dictionary<string, PropertyDefinition> _byName = [];

    /// <summary>The record's name.</summary>
    public string Name { get; } = name;

    public string Description { get; } = description;

    /// <summary>See <see cref="OpaqueAttribute"/>.</summary>
    public bool IsOpaque { get; internal set; }

    /// <summary>In the order in which they are declared. Set once its types are known, since a record may contain itself.</summary>
    public IReadOnlyList<PropertyDefinition> Properties
    {
        get;
        internal set
        {
            field = value;
            _byName = value.ToDictionary(property => property.Name, StringComparer.Ordinal);
        }
    } = [];

    public PropertyDefinition? Find(string propertyName) => _byName.GetValueOrDefault(propertyName);

    /// <summary>The object with the defaults of what it lacks, and without nulls, at every depth; nothing is validated.</summary>
    public ObjectValue Complete(ObjectValue value) => InputChecker.Complete(this, value);
}
