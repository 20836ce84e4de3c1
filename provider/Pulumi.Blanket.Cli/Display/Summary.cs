using Pulumi.Blanket.Engine;
using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Values;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Display;

/// <summary>What is told at the end: what was said of each resource, the stack's outputs, how many resources came to what.</summary>
internal sealed class Summary(IAnsiConsole console, DisplayOptions options)
{
    private static readonly StepOperation[] Order =
    [
        StepOperation.Create, StepOperation.Import, StepOperation.ImportReplacement, StepOperation.Update, StepOperation.Replace, StepOperation.Delete,
    ];

    private readonly List<DeploymentMessage> _messages = [];
    private readonly List<Step> _steps = [];
    private ObjectValue? _oldOutputs;
    private ObjectValue? _outputs;

    public void Add(Step step)
    {
        if (step.Any.Type == Urn.StackType)
        {
            _oldOutputs = step.Old?.Outputs;
        }

        if (options.ShowDiff && !step.IsDefaultProvider && step.Operation is not (StepOperation.Same or StepOperation.CreateReplacement or StepOperation.DeleteReplaced))
        {
            _steps.Add(step);
        }
    }

    public void Add(DeploymentMessage message)
    {
        if (!message.IsEphemeral && message.Severity != MessageSeverity.Debug)
        {
            _messages.Add(message);
        }
    }

    public void Add(ResourceState resource)
    {
        if (resource.Type == Urn.StackType)
        {
            _outputs = resource.Outputs;
        }
    }

    /// <summary>A resource as it is named to people: its type and name.</summary>
    public static string SubjectOf(string urn) => Urn.IsUrn(urn) ? $"{Urn.TypeOf(urn)} {Urn.NameOf(urn)}" : urn;

    public static (string Color, string Word) WordOf(MessageSeverity severity) => severity switch
    {
        MessageSeverity.Error => ("red", "error: "),
        MessageSeverity.Warning => ("yellow", "warning: "),
        _ => ("grey", ""),
    };

    public void Write(DeploymentResult? result, TimeSpan duration)
    {
        WriteDiffs();
        WriteMessages();
        WriteOutputs();
        if (result is not null)
        {
            WriteCounts(result, duration);
        }
    }

    private void WriteDiffs()
    {
        foreach (var step in _steps)
        {
            var words = StepWords.Of(step);
            console.SayLine($"[{words.Color}]{words.Sign}[/] {SubjectOf(step.Urn)} [grey]{step.Urn}[/]");
            foreach (var (sign, text) in DiffText.Long(step))
            {
                var color = sign switch { "+" => "green", "-" => "red", _ => "yellow" };
                console.SayLine($"    [{color}]{sign}[/] {text}");
            }
        }

        if (_steps.Count > 0)
        {
            console.WriteLine();
        }
    }

    private void WriteMessages()
    {
        if (_messages.Count == 0)
        {
            return;
        }

        console.MarkupLine("[bold]Diagnostics:[/]");
        foreach (var subject in _messages.GroupBy(message => message.Urn))
        {
            console.SayLine($"  [blue]{SubjectOf(subject.Key)}[/]");
            foreach (var message in subject)
            {
                var (color, word) = WordOf(message.Severity);
                console.SayLine($"    [{color}]{word}[/]{message.Text.TrimEnd().Replace("\n", "\n    ", StringComparison.Ordinal)}");
            }

            console.WriteLine();
        }
    }

    private void WriteOutputs()
    {
        if (_outputs is not { Properties.Count: > 0 } && _oldOutputs is not { Properties.Count: > 0 })
        {
            return;
        }

        var (before, after) = (_oldOutputs ?? ObjectValue.Empty, _outputs ?? ObjectValue.Empty);
        if (_outputs is null)
        {
            return;
        }

        console.MarkupLine("[bold]Outputs:[/]");
        var names = before.Properties.Keys.Union(after.Properties.Keys).Order(StringComparer.Ordinal).ToList();
        var width = names.Max(name => name.Length);
        foreach (var name in names)
        {
            var (old, now) = (before[name], after[name]);
            var sign = (old, now) switch { (null, _) when _oldOutputs is null => " ", (null, _) => "+", (_, null) => "-", _ when old.Equals(now) => " ", _ => "~" };
            console.WriteLine($"  {sign} {name.PadRight(width)}: {ValueText.Long(now ?? old!, 4)}");
        }

        console.WriteLine();
    }

    private void WriteCounts(DeploymentResult result, TimeSpan duration)
    {
        console.MarkupLine("[bold]Resources:[/]");
        foreach (var operation in Order)
        {
            if (result.Changes.TryGetValue(operation, out var count))
            {
                var words = StepWords.Of(operation);
                console.SayLine($"    [{words.Color}]{words.Sign.Trim()} {count}[/] {(options.IsPreview ? $"to {words.Plan}" : words.Summary)}");
            }
        }

        if (result.Changes.TryGetValue(StepOperation.Same, out var same))
        {
            console.SayLine($"    {same} unchanged");
        }

        var failed = _messages.Where(message => message.Severity == MessageSeverity.Error).Select(message => message.Urn).Distinct().Count();
        if (failed > 0)
        {
            console.SayLine($"    [red]{failed} failed[/]");
        }

        console.WriteLine();
        if (!options.IsPreview)
        {
            console.SayLine($"Duration: {(duration.TotalSeconds < 60 ? $"{duration.TotalSeconds:0.0} s" : $"{(int)duration.TotalMinutes} min {duration.Seconds} s")}");
        }
    }
}
