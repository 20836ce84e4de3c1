using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions.Rules;

/// <summary>A text of so many characters.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class LengthAttribute(int minimum, int maximum) : RuleAttribute
{
    public override string Requirement => $"{minimum} to {maximum} characters long";

    public override bool Allows(PropertyValue value) => value is StringValue { Text.Length: var length } && length >= minimum && length <= maximum;
}
