namespace Pulumi.Blanket.Provider.Definitions.Rules;

/// <summary>A Unix account's name.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AccountAttribute() : PatternAttribute("[A-Za-z_][A-Za-z0-9_.-]{0,31}", "the name of an account: letters, digits, '_', '-' and '.', not starting with a digit");
