using System.CommandLine;
using Pulumi.Blanket.Engine.Deployments;

namespace Pulumi.Blanket.Cli.Stacks;

/// <summary>The options that the commands share, under the names that Pulumi gives them. Each is one object, so that a command can read it wherever it stands.</summary>
internal static class StackOptions
{
    public static Option<string?> Stack { get; } = new("--stack", "-s") { Description = "The stack: NAME, or ORGANIZATION/PROJECT/NAME (default: the selected one)", Recursive = true };

    public static Option<string?> Folder { get; } = new("--cwd", "-C") { Description = "Run as if started in this folder", Recursive = true };

    public static Option<bool> NonInteractive { get; } = new("--non-interactive") { Description = "Never ask; what can't go on without an answer fails", Recursive = true };

    public static Option<bool> Yes { get; } = new("--yes", "-y") { Description = "Go on without asking" };

    public static Option<bool> SkipPreview { get; } = new("--skip-preview", "-f") { Description = "Don't show a preview first" };

    public static Option<bool> Diff { get; } = new("--diff") { Description = "Show every value that changes" };

    public static Option<bool> Json { get; } = new("--json", "-j") { Description = "Print JSON" };

    public static Option<int> Parallel { get; } = new("--parallel", "-p")
    {
        Description = "How many resources are worked on at once",
        DefaultValueFactory = _ => DeploymentRequest.DefaultParallel,
    };

    public static Option<string[]> Target { get; } = new("--target", "-t") { Description = "Change only this resource: a URN, with * and ** for parts of it; may be given several times" };

    public static Option<string[]> Exclude { get; } = new("--exclude") { Description = "Leave this resource as it is: as with --target; may be given several times" };

    public static Option<string[]> Replace { get; } = new("--replace") { Description = "Make this resource anew, changed or not: as with --target; may be given several times" };

    public static Option<bool> PreviewOnly { get; } = new("--preview-only") { Description = "Show what would be done, and do nothing" };

    public static Option<bool> TargetDependents { get; } = new("--target-dependents") { Description = "What depends on a target is one, too" };

    public static Option<bool> Refresh { get; } = new("--refresh", "-r") { Description = "Read all resources first" };

    public static Option<bool> ExpectNoChanges { get; } = new("--expect-no-changes") { Description = "Fail if anything changes, or would" };

    public static Option<bool> ClearPendingCreates { get; } = new("--clear-pending-creates")
    {
        Description = "Forget creates that an earlier run did not finish, after you have looked that nothing came of them",
    };

    public static Option<bool> ContinueOnError { get; } = new("--continue-on-error") { Description = "After a failure go on with what doesn't depend on it" };

    public static Option<bool> ShowSames { get; } = new("--show-sames") { Description = "Show the resources, too, that stay as they are" };

    public static Option<bool> ShowSecrets { get; } = new("--show-secrets") { Description = "Show secrets in the clear" };

    public static Option<string?> Message { get; } = new("--message", "-m") { Description = "What the stack's history says of this" };

    public static Option<string[]> Config { get; } = new("--config", "-c") { Description = "Set KEY=VALUE in the stack's settings first; may be given several times" };
}
