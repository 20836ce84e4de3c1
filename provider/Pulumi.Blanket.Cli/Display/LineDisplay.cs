using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Engine.States;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Display;

/// <summary>A plain line for each thing that happens: for pipes, logs, and terminals that can do no more.</summary>
internal sealed class LineDisplay : IDeploymentDisplay
{
    private readonly IAnsiConsole _console;
    private readonly DisplayOptions _options;
    private readonly Summary _summary;
    private readonly Lock _lock = new();

    public LineDisplay(IAnsiConsole console, DisplayOptions options)
    {
        (_console, _options) = (console, options);
        _summary = new Summary(console, options);
        _console.SayLine($"[bold]{options.Title} ({options.Stack})[/]");
        _console.WriteLine();
    }

    public void StepStarted(Step step)
    {
        if (!_options.IsPreview && IsShown(step) && step.Operation is not (StepOperation.Replace or StepOperation.Same) && step.Any.Custom && step.Any.ViewOf.Length == 0)
        {
            Write(step, StepWords.Of(step.Operation).Doing, "");
        }
    }

    public void StepDone(Step step, TimeSpan duration)
    {
        lock (_lock)
        {
            _summary.Add(step);
        }

        if (IsShown(step) && (step.Operation != StepOperation.Refresh || step.Result != StepOperation.Same || !_options.IsPreview))
        {
            var words = StepWords.Of(step);
            Write(step, _options.IsPreview ? words.Plan : words.Done, _options.IsPreview || duration.TotalSeconds < 0.05 ? "" : $" ({duration.TotalSeconds:0.0} s)");
        }
    }

    public void StepFailed(Step step, TimeSpan duration)
    {
        Write(step, $"**{(_options.IsPreview ? StepWords.Of(step.Operation).Plan : StepWords.Of(step.Operation).Doing)} failed**", "");
    }

    public void MessageCame(DeploymentMessage message)
    {
        lock (_lock)
        {
            _summary.Add(message);
            if (message.Severity == MessageSeverity.Debug)
            {
                return;
            }

            var (color, word) = Summary.WordOf(message.Severity);
            _console.SayLine($"    [grey]{Summary.SubjectOf(message.Urn)}[/] [{color}]{word}[/]{message.Text.TrimEnd()}");
        }
    }

    public void OutputsRegistered(ResourceState resource)
    {
        lock (_lock)
        {
            _summary.Add(resource);
        }
    }

    public Task FinishAsync(DeploymentResult? result, TimeSpan duration)
    {
        lock (_lock)
        {
            _console.WriteLine();
            _summary.Write(result, duration);
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private bool IsShown(Step step) => !step.IsDefaultProvider && (step.Operation != StepOperation.Same || _options.ShowSame);

    private void Write(Step step, string what, string time)
    {
        var words = StepWords.Of(step);
        var diff = DiffText.Short(step);
        lock (_lock)
        {
            _console.SayLine($" [{words.Color}]{words.Sign}[/] {Summary.SubjectOf(step.Urn)} [{words.Color}]{what}[/]{time}{(step.IsRetained ? " [retain]" : "")}{(diff.Length == 0 ? "" : $" [diff: {diff}]")}");
        }
    }
}
