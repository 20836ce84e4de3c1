namespace Pulumi.Blanket.Agent.Serving;

/// <summary>A method whose calls last as long as their callers wish: they are ended, not waited for, when the agent is to stop.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OpenEndedAttribute : Attribute;
