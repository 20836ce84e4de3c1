namespace Pulumi.Blanket.Provider;

internal enum OperationKind
{
    Create,
    Read,
    Update,
    Delete,
}
