namespace Pulumi.Blanket.Engine;

public enum MessageSeverity
{
    Debug,
    Info,
    Warning,
    Error,
}
