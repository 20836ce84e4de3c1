namespace Pulumi.Blanket.Provider.Operations;

internal enum OperationKind
{
    Create,
    Read,
    Update,
    Delete,
}
