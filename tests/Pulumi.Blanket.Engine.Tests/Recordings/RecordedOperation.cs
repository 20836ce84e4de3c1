using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Deployments;

namespace Pulumi.Blanket.Engine.Tests.Recordings;

/// <summary>What was run, as it was given to Pulumi's command: a verb, its arguments and its options.</summary>
internal sealed record RecordedOperation(
    DeploymentKind Kind, bool IsPreview, bool Refresh, ImmutableArray<string> Targets, bool TargetDependents, bool ContinueOnError, ImmutableArray<ImportRequest> Imports)
{
    /// <exception cref="NotSupportedException">There is an option that replaying would leave out.</exception>
    public static RecordedOperation Parse(string text)
    {
        Queue<string> words = new(text.Split(' '));
        var verb = words.Dequeue();
        RecordedOperation operation = new(
            verb switch
            {
                "destroy" => DeploymentKind.Destroy,
                "refresh" => DeploymentKind.Refresh,
                "import" => DeploymentKind.Import,
                "up" or "preview" => DeploymentKind.Update,
                _ => throw new NotSupportedException($"'{text}' can't be replayed: the verb {verb} is not known here"),
            },
            verb == "preview", false, [], false, false, []);
        if (operation.Kind == DeploymentKind.Import)
        {
            operation = operation with { Imports = [new ImportRequest(words.Dequeue(), words.Dequeue(), words.Dequeue(), Protect: true)] };
        }

        while (words.TryDequeue(out var option))
        {
            operation = option switch
            {
                "--target" => operation with { Targets = operation.Targets.Add(words.Dequeue()) },
                "--target-dependents" => operation with { TargetDependents = true },
                "--refresh" => operation with { Refresh = true },
                "--continue-on-error" => operation with { ContinueOnError = true },
                "--protect=false" => operation with { Imports = [.. operation.Imports.Select(import => import with { Protect = false })] },
                _ => throw new NotSupportedException($"'{text}' can't be replayed: the option {option} is not known here"),
            };
        }

        return operation;
    }

    public DeploymentRequest ApplyTo(DeploymentRequest request)
        => request with { Refresh = Refresh, Targets = Targets, TargetDependents = TargetDependents, ContinueOnError = ContinueOnError, Imports = Imports };
}
