using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>Tells whether two states of a resource say the same, so that nothing has to be written.</summary>
internal static class StateComparer
{
    public static bool AreSame(ResourceState left, ResourceState right)
        => ReferenceEquals(left, right)
            || (left.Urn == right.Urn && left.Type == right.Type && left.Custom == right.Custom && left.Delete == right.Delete && left.Id == right.Id
                && left.Parent == right.Parent && left.Protect == right.Protect && left.Taint == right.Taint && left.External == right.External
                && left.Provider == right.Provider && left.PendingReplacement == right.PendingReplacement && left.CustomTimeouts == right.CustomTimeouts
                && left.ImportId == right.ImportId && left.RetainOnDelete == right.RetainOnDelete && left.DeletedWith == right.DeletedWith
                && left.Created == right.Created && left.Modified == right.Modified && left.RefreshBeforeUpdate == right.RefreshBeforeUpdate && left.ViewOf == right.ViewOf
                && left.Dependencies.SequenceEqual(right.Dependencies) && left.InitErrors.SequenceEqual(right.InitErrors)
                && left.AdditionalSecretOutputs.SequenceEqual(right.AdditionalSecretOutputs) && left.Aliases.SequenceEqual(right.Aliases)
                && left.ReplaceWith.SequenceEqual(right.ReplaceWith) && left.IgnoreChanges.SequenceEqual(right.IgnoreChanges)
                && left.ReplaceOnChanges.SequenceEqual(right.ReplaceOnChanges) && ReferenceEquals(left.Others, right.Others)
                && SamePropertyDependencies(left, right) && left.Inputs.Equals(right.Inputs) && left.Outputs.Equals(right.Outputs));

    private static bool SamePropertyDependencies(ResourceState left, ResourceState right)
        => (left.PropertyDependencies, right.PropertyDependencies) switch
        {
            (null, null) => true,
            ({ } one, { } other) => one.Count == other.Count && one.All(property => other.TryGetValue(property.Key, out var urns) && urns.SequenceEqual(property.Value)),
            // The file has none where there are none.
            ({ } one, null) => one.Count == 0,
            (null, { } other) => other.Count == 0,
        };
}
