using Pulumi.Blanket.Engine.Deployments;

namespace Pulumi.Blanket.Cli.Display;

/// <summary>How steps are shown: Pulumi's signs and words, so that nobody has to learn others.</summary>
internal sealed record StepWords(string Sign, string Color, string Plan, string Doing, string Done, string Summary)
{
    public static StepWords Of(StepOperation operation) => operation switch
    {
        StepOperation.Create => new("+ ", "green", "create", "creating", "created", "created"),
        StepOperation.Update => new("~ ", "yellow", "update", "updating", "updated", "updated"),
        StepOperation.Delete => new("- ", "red", "delete", "deleting", "deleted", "deleted"),
        StepOperation.Replace => new("+-", "magenta", "replace", "replacing", "replaced", "replaced"),
        StepOperation.CreateReplacement => new("++", "green", "create replacement", "creating replacement", "created replacement", "created"),
        StepOperation.DeleteReplaced => new("--", "red", "delete original", "deleting original", "deleted original", "deleted"),
        StepOperation.Read => new("> ", "cyan", "read", "reading", "read", "read"),
        StepOperation.ReadReplacement => new(">>", "cyan", "read in its place", "reading in its place", "read in its place", "read"),
        StepOperation.Refresh => new("~ ", "yellow", "refresh", "refreshing", "refreshed", "refreshed"),
        StepOperation.ReadDiscard => new("< ", "grey", "forget", "forgetting", "forgotten", "forgotten"),
        StepOperation.RemovePendingReplace => new("- ", "grey", "forget", "forgetting", "forgotten", "forgotten"),
        StepOperation.Import => new("= ", "blue", "import", "importing", "imported", "imported"),
        StepOperation.ImportReplacement => new("=>", "blue", "import in its place", "importing in its place", "imported in its place", "imported"),
        _ => new("  ", "grey", "", "", "", "unchanged"),
    };

    /// <summary>What a step came to: of a refresh, what was found.</summary>
    public static StepWords Of(Step step) => step is { Operation: StepOperation.Refresh, Result: { } result } ? Of(result) : Of(step.Operation);
}
