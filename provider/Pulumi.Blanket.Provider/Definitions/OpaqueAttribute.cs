namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>
/// Values of this type are handed from one resource's output to another's input and never written out: the schema calls them "anything".
/// Generated SDKs have different types for an object as output and as input, and would not let one be given for the other.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OpaqueAttribute : Attribute;
