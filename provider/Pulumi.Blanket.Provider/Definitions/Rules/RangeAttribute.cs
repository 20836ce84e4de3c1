using System.Globalization;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions.Rules;

/// <summary>A number within limits, both included.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal class RangeAttribute(double minimum, double maximum) : RuleAttribute
{
    public override string Requirement => string.Create(CultureInfo.InvariantCulture, $"from {minimum} to {maximum}");

    public override bool FollowsType => true;

    public override bool Allows(PropertyValue value) => value is NumberValue { Number: var number } && number >= minimum && number <= maximum;
}
