using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions.Rules;

/// <summary>A list or a map of so many items.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ItemsAttribute(int minimum, int maximum = int.MaxValue) : RuleAttribute
{
    public override string Requirement => maximum == int.MaxValue
        ? $"of at least {minimum} {(minimum == 1 ? "item" : "items")}"
        : $"of {minimum} to {maximum} items";

    public override bool FollowsType => true;

    public override bool OfCollections => true;

    public override bool Allows(PropertyValue value)
    {
        var count = value switch
        {
            ArrayValue array => array.Items.Length,
            ObjectValue map => map.Properties.Count,
            _ => 0,
        };
        return count >= minimum && count <= maximum;
    }
}
