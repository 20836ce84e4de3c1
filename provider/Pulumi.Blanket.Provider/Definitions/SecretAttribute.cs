namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>The property's value is a secret: wrapped as one in inputs and outputs, and never part of a message.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : Attribute;
