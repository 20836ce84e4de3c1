namespace Pulumi.Blanket.Provider.Definitions.Rules;

/// <summary>A name that can be a host name's label.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class LabelAttribute() : PatternAttribute("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", "1 to 63 small letters, digits and dashes, with no dash at its ends");
