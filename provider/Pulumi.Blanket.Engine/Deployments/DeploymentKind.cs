namespace Pulumi.Blanket.Engine;

public enum DeploymentKind
{
    Update,
    Refresh,
    Destroy,
    Import,
}
