namespace Pulumi.Blanket.Engine.Deployments;

public enum DeploymentKind
{
    Update,
    Refresh,
    Destroy,
    Import,
}
