namespace Pulumi.Blanket.Agent.Serving;

/// <summary>A method that changes nothing and is called often: a line for each call would fill the journal, and takes longer than the call.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnloggedAttribute : Attribute;
