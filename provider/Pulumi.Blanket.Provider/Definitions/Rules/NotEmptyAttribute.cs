using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions.Rules;

/// <summary>A text that is more than blanks.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NotEmptyAttribute : RuleAttribute
{
    public override string Requirement => "a text that is not empty";

    public override bool Allows(PropertyValue value) => value is StringValue { Text: var text } && !string.IsNullOrWhiteSpace(text);
}
