namespace Pulumi.Blanket.Engine.States;

/// <summary>An operation that began, and of which nobody knows yet how it ended.</summary>
/// <param name="Resource">The resource as it would be.</param>
/// <param name="Type"><c>creating</c>, <c>updating</c>, <c>deleting</c>, <c>reading</c> or <c>importing</c>.</param>
public sealed record PendingOperation(ResourceState Resource, string Type)
{
    public const string Creating = "creating";
    public const string Updating = "updating";
    public const string Deleting = "deleting";
    public const string Reading = "reading";
    public const string Importing = "importing";
}
