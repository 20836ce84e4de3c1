namespace Pulumi.Blanket.Agent.Serving;

/// <summary>Who may call a service. It becomes metadata of the service's endpoints, and <see cref="AccessGate"/> reads it there; a service without it is nobody's.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OpenToAttribute(CallerKinds callers) : Attribute
{
    public CallerKinds Callers { get; } = callers;
}
