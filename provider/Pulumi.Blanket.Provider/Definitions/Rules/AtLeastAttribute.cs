using System.Globalization;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions.Rules;

/// <summary>A number that is not smaller.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AtLeastAttribute(double minimum) : RuleAttribute
{
    public override string Requirement => string.Create(CultureInfo.InvariantCulture, $"of at least {minimum}");

    public override bool FollowsType => true;

    public override bool Allows(PropertyValue value) => value is NumberValue { Number: var number } && number >= minimum;
}
