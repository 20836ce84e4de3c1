using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Pulumi.Blanket.Cli.Display;
using Pulumi.Blanket.Engine;
using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.Programs;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Engine.States;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Stacks;

/// <summary>What up, preview, refresh, destroy and import have in common: the lock, the preview, the question, the run, the history.</summary>
/// <param name="kind">What is done to the stack.</param>
/// <param name="title">How the preview and the run are headed.</param>
/// <param name="question">What is asked between them.</param>
/// <param name="historyKind">The name that the stack's history has for it.</param>
internal sealed class DeploymentRun(DeploymentKind kind, (string Preview, string Run) title, string question, string historyKind)
{
    public bool IsPreviewOnly { get; init; }

    public ImmutableArray<ImportRequest> Imports { get; init; } = [];

    /// <summary>Shows what only this command has to say, once all went well.</summary>
    public Action<DeploymentResult, StackReference>? Finish { get; init; }

    public async Task<int> RunAsync(ParseResult parsed)
    {
        var isPreviewOnly = IsPreviewOnly || parsed.GetValue(StackOptions.PreviewOnly);
        var workspace = Workspace.Open(parsed);
        var stack = isPreviewOnly ? workspace.FindOrNameStack()
            : kind is DeploymentKind.Update or DeploymentKind.Import ? workspace.FindOrMakeStack() : workspace.FindStack();
        SetConfig(workspace, stack, parsed);
        using var held = isPreviewOnly ? null : workspace.Backend.Lock(stack, text => Consoles.Error.SayLine($"[yellow]{text}[/]"));
        var checkpoint = !isPreviewOnly || workspace.Backend.Exists(stack) ? workspace.Backend.Load(stack, workspace.Passphrase) : new Checkpoint("", Snapshot.Empty, null, null);
        var settings = workspace.SettingsOf(stack);
        var secrets = isPreviewOnly ? settings.OpenSecrets(workspace.Passphrase) : settings.EnsureSecrets(workspace.Passphrase, checkpoint.Secrets);

        // Deriving the key takes a while: it goes on beside the first steps of the preview, and a wrong passphrase is known before anything changes.
        var verified = isPreviewOnly ? Task.CompletedTask : secrets!.VerifyAsync();
        if (workspace.IsInteractive)
        {
            // Nobody can answer in the middle of a moving tree.
            await verified;
        }

        if (!isPreviewOnly)
        {
            settings.Save();
        }

        using Interruption interruption = new();
        DeploymentRequest request = new()
        {
            Kind = kind,
            Project = workspace.Project.Name,
            Stack = stack.Stack,
            Snapshot = checkpoint.Snapshot,
            LoadProgram = async (schemas, cancellationToken) => await LoadAsync(workspace.Project, stack, checkpoint.Snapshot, schemas, cancellationToken),
            Plugins = workspace.CreatePlugins(),
            Observer = new PreviewDigest(),
            RootDirectory = workspace.Project.Folder,
            WorkingDirectory = workspace.Project.WorkingFolder,
            Config = workspace.Project.Merge(settings.Open(secrets)),
            Parallel = parsed.GetValue(StackOptions.Parallel) is > 0 and var parallel ? parallel : throw new EngineException(EngineFailure.InvalidInput, "--parallel is at least 1"),
            Targets = Targets(StackOptions.Target, parsed, stack),
            Excludes = Targets(StackOptions.Exclude, parsed, stack),
            Replaces = Targets(StackOptions.Replace, parsed, stack),
            TargetDependents = parsed.GetValue(StackOptions.TargetDependents),
            Refresh = parsed.GetResult(StackOptions.Refresh) is { Implicit: false } ? parsed.GetValue(StackOptions.Refresh) : workspace.Project.AlwaysRefreshes,
            ClearPendingCreates = parsed.GetValue(StackOptions.ClearPendingCreates),
            ContinueOnError = parsed.GetValue(StackOptions.ContinueOnError),
            Imports = Imports,
            Stop = interruption.Stop,
            Abandon = interruption.Abandon,

            // The update that follows a preview gives the names that the preview showed.
            Seed = RandomNumberGenerator.GetBytes(32),
        };
        if (isPreviewOnly && parsed.GetValue(StackOptions.Json))
        {
            return await PreviewAsJsonAsync(request, parsed);
        }

        if (isPreviewOnly || !parsed.GetValue(StackOptions.SkipPreview))
        {
            var preview = await ShowAsync(request with { IsPreview = true }, parsed, title.Preview);
            if (!preview.Succeeded || isPreviewOnly)
            {
                return CodeOf(preview, parsed);
            }

            if (!parsed.GetValue(StackOptions.Yes) && preview.ChangeCount + Unseen(preview) > 0 && !workspace.Confirm(question, "--yes"))
            {
                Consoles.Error.MarkupLine("[yellow]nothing was done[/]");
                return ExitCodes.Failure;
            }
        }

        await verified;
        var start = TimeProvider.System.GetUtcNow();
        await using var writer = workspace.Backend.OpenWriter(stack, secrets, checkpoint);
        DeploymentResult? result = null;
        try
        {
            result = await ShowAsync(request with { Writer = writer }, parsed, title.Run);
        }
        catch (ProgramException fault)
        {
            // Not a matter of what was given any more: part of it is done.
            foreach (var diagnostic in fault.Diagnostics)
            {
                Console.Error.WriteLine(diagnostic);
            }

            return ExitCodes.Failure;
        }
        finally
        {
            workspace.Backend.AddHistory(stack, new UpdateRecord(
                historyKind, start, TimeProvider.System.GetUtcNow(), result?.Succeeded == true ? UpdateRecord.Succeeded : UpdateRecord.Failed,
                (result?.Changes ?? ImmutableSortedDictionary<StepOperation, int>.Empty).ToImmutableSortedDictionary(change => PreviewDigest.NameOf(change.Key), change => change.Value))
            {
                Message = parsed.GetValue(StackOptions.Message) ?? "",
                ConfigJson = settings.ToSealedJson(),
            });
        }

        if (result.Succeeded)
        {
            Finish?.Invoke(result, stack);
        }

        return CodeOf(result, parsed);
    }

    private static async Task<IProgram> LoadAsync(Project project, StackReference stack, Snapshot snapshot, IPackageSchemas schemas, CancellationToken cancellationToken)
    {
        var program = await ProgramSource.LoadAsync(project, StackReference.Organization, stack.Stack, schemas, cancellationToken);
        foreach (var warning in program.Warnings)
        {
            Consoles.Error.SayLine($"[yellow]{warning.ToString()}[/]");
        }

        // More often a file that was not found than what anybody wants; who wants it has a command that says so.
        if (!program.HasResources && snapshot.Resources.Count(resource => resource is { Custom: true, External: false } && !ProviderReference.IsProviderType(resource.Type)) is > 0 and var count)
        {
            throw new EngineException(
                EngineFailure.InvalidProgram,
                $"the program has no resources, and the stack {stack.Stack} has {count}, which this would delete: see whether {(project.Compiler.Length > 0 ? $"'{project.Compiler}' prints" : $"{Path.GetRelativePath(project.Folder, ProgramSource.FileOf(project))} has")} what you mean; `blanket destroy` deletes them");
        }

        return program;
    }

    private static void SetConfig(Workspace workspace, StackReference stack, ParseResult parsed)
    {
        if (parsed.GetValue(StackOptions.Config) is not { Length: > 0 } pairs)
        {
            return;
        }

        var settings = workspace.SettingsOf(stack);
        foreach (var pair in pairs)
        {
            var parts = pair.Split('=', 2);
            if (parts.Length != 2)
            {
                throw new EngineException(EngineFailure.InvalidInput, $"--config '{pair}' has no value; write KEY=VALUE");
            }

            settings.Set(parts[0], parts[1]);
        }

        settings.Save();
    }

    private static ImmutableArray<string> Targets(Option<string[]> option, ParseResult parsed, StackReference stack)
        => [.. (parsed.GetValue(option) ?? []).Select(target => target.StartsWith("urn:", StringComparison.Ordinal) || target.Contains('*', StringComparison.Ordinal)
            ? target
            : throw new EngineException(EngineFailure.InvalidInput, $"{option.Name} '{target}' is no URN; it begins with urn:pulumi:{stack.Stack}::{stack.Project}::, or has ** for what stands before the name, such as '**::{target}'"))];

    private static int Unseen(DeploymentResult result) => result.Changes.GetValueOrDefault(StepOperation.Refresh);

    private static async Task<DeploymentResult> ShowAsync(DeploymentRequest request, ParseResult parsed, string heading)
    {
        DisplayOptions options = new(heading, request.Stack, request.IsPreview, parsed.GetValue(StackOptions.Diff), parsed.GetValue(StackOptions.ShowSames));
        await using IDeploymentDisplay display = Consoles.Output.Profile.Capabilities is { Interactive: true, Ansi: true } && !parsed.GetValue(StackOptions.NonInteractive)
            ? new TreeDisplay(Consoles.Output, options)
            : new LineDisplay(Consoles.Output, options);
        var watch = Stopwatch.StartNew();
        DeploymentResult? result = null;
        try
        {
            return result = await Deployment.RunAsync(request with { Observer = display });
        }
        finally
        {
            await display.FinishAsync(result, watch.Elapsed);
        }
    }

    private static async Task<int> PreviewAsJsonAsync(DeploymentRequest request, ParseResult parsed)
    {
        PreviewDigest digest = new();
        var watch = Stopwatch.StartNew();
        var result = await Deployment.RunAsync(request with { IsPreview = true, Observer = digest });
        await using var output = Console.OpenStandardOutput();
        digest.Write(output, result, watch.Elapsed);
        output.WriteByte((byte)'\n');
        return CodeOf(result, parsed);
    }

    private static int CodeOf(DeploymentResult result, ParseResult parsed)
    {
        if (result.WasStopped)
        {
            Consoles.Error.MarkupLine("[yellow]interrupted[/]; what was reached is in the state, and the next run goes on from there");
            return ExitCodes.Interrupted;
        }

        if (result.Succeeded && parsed.GetValue(StackOptions.ExpectNoChanges) && result.ChangeCount > 0)
        {
            Consoles.Error.SayLine($"[red]error:[/] no changes were expected, and there {(result.ChangeCount == 1 ? "is 1" : $"are {result.ChangeCount}")}");
            return ExitCodes.Failure;
        }

        return result.Succeeded ? ExitCodes.Success : ExitCodes.Failure;
    }

    /// <summary>Ctrl-C, or SIGTERM: once ends the deployment cleanly, twice where it stands.</summary>
    private sealed class Interruption : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly CancellationTokenSource _abandon = new();
        private readonly PosixSignalRegistration[] _signals;

        public Interruption() => _signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, Interrupt))];

        public CancellationToken Stop => _stop.Token;

        public CancellationToken Abandon => _abandon.Token;

        public void Dispose()
        {
            foreach (var signal in _signals)
            {
                signal.Dispose();
            }

            _stop.Dispose();
            _abandon.Dispose();
        }

        private void Interrupt(PosixSignalContext context)
        {
            context.Cancel = true;
            if (_stop.IsCancellationRequested)
            {
                Consoles.Error.MarkupLine("[yellow]ending at once[/]: what is under way is left as it is");
                _abandon.Cancel();
                return;
            }

            Consoles.Error.MarkupLine("[yellow]ending[/]: what is under way is told to stop, and waited for; Ctrl-C again leaves it as it is");
            _ = Task.Run(_stop.Cancel);
        }
    }
}
