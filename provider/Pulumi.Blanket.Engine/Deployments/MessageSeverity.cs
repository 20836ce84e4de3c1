namespace Pulumi.Blanket.Engine.Deployments;

public enum MessageSeverity
{
    Debug,
    Info,
    Warning,
    Error,
}
