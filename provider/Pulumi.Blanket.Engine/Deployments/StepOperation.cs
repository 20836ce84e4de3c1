namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>What one step does to one resource, in Pulumi's words.</summary>
public enum StepOperation
{
    Same,
    Create,
    Update,
    Delete,

    /// <summary>Nothing by itself: it stands for the two steps by which a resource is replaced.</summary>
    Replace,
    CreateReplacement,
    DeleteReplaced,
    Read,
    ReadReplacement,
    Refresh,

    /// <summary>Forget a resource that was only read.</summary>
    ReadDiscard,
    RemovePendingReplace,
    Import,
    ImportReplacement,
}
