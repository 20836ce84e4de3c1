namespace Pulumi.Blanket.Protocol.Diffs;

public enum PropertyChangeKind
{
    Add,
    Delete,
    Update,
}
