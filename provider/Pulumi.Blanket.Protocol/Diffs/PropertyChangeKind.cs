namespace Pulumi.Blanket.Protocol;

public enum PropertyChangeKind
{
    Add,
    Delete,
    Update,
}
