using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>
/// What the values of a property must be, beyond their type. Rules are asked about known values only; a rule for a text or a number on a list or
/// map is asked about each item.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal abstract class RuleAttribute : Attribute
{
    /// <summary>What a value must be, to follow "must be": for messages, and for the schema's descriptions.</summary>
    public abstract string Requirement { get; }

    /// <summary>True where the requirement needs the type before it: "a whole number" and then "from 1 to 5".</summary>
    public virtual bool FollowsType => false;

    /// <summary>True for a rule about a list or a map as a whole.</summary>
    public virtual bool OfCollections => false;

    /// <param name="value">Without wrappers, known, and of the property's type.</param>
    public abstract bool Allows(PropertyValue value);
}
