using System.Diagnostics;
using Pulumi.Blanket.Engine;
using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Engine.States;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Display;

/// <summary>On a terminal: a tree of the resources that are worked on, which moves while they do.</summary>
internal sealed class TreeDisplay : IDeploymentDisplay
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly IAnsiConsole _console;
    private readonly DisplayOptions _options;
    private readonly Summary _summary;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Row> _rows = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _drawing;

    public TreeDisplay(IAnsiConsole console, DisplayOptions options)
    {
        (_console, _options) = (console, options);
        _summary = new Summary(console, options);
        _console.SayLine($"[bold]{options.Title} ({options.Stack})[/]");
        _console.WriteLine();
        _drawing = DrawAsync();
    }

    public void StepStarted(Step step) => Change(step, row =>
    {
        row.Words = StepWords.Of(step.Operation);
        row.Step = step;
        row.Watch = Stopwatch.StartNew();
        row.IsRunning = true;
    });

    public void StepDone(Step step, TimeSpan duration)
    {
        lock (_lock)
        {
            _summary.Add(step);
        }

        Change(step, row =>
        {
            var words = StepWords.Of(step);
            row.IsRunning = false;
            row.Duration = duration;

            // A replacement's last step says less than its first.
            if (step.Operation is not (StepOperation.DeleteReplaced or StepOperation.Replace) || row.Step?.Operation == step.Operation)
            {
                row.Words = words;
                row.Step = step;
            }
        });
    }

    public void StepFailed(Step step, TimeSpan duration) => Change(step, row =>
    {
        row.IsRunning = false;
        row.HasFailed = true;
        row.Duration = duration;
    });

    public void MessageCame(DeploymentMessage message)
    {
        lock (_lock)
        {
            _summary.Add(message);
            if (_rows.TryGetValue(message.Urn, out var row) && message.Severity != MessageSeverity.Debug)
            {
                row.Message = message.Text.Trim().Split('\n')[0];
            }
        }
    }

    public void OutputsRegistered(ResourceState resource)
    {
        lock (_lock)
        {
            _summary.Add(resource);
        }
    }

    public async Task FinishAsync(DeploymentResult? result, TimeSpan duration)
    {
        await _end.CancelAsync();
        await _drawing;
        _console.WriteLine();
        _summary.Write(result, duration);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _drawing;
        _end.Dispose();
    }

    private void Change(Step step, Action<Row> change)
    {
        if (step.IsDefaultProvider)
        {
            return;
        }

        lock (_lock)
        {
            if (!_rows.TryGetValue(step.Urn, out var row))
            {
                _rows[step.Urn] = row = new Row(step.Urn, step.Any.Parent, _rows.Count);
            }

            change(row);
        }
    }

    private Task DrawAsync() => _console.Live(Text.Empty).AutoClear(false).Overflow(VerticalOverflow.Crop).StartAsync(async context =>
    {
        while (!_end.IsCancellationRequested)
        {
            context.UpdateTarget(Draw(isLast: false));
            await Task.Delay(Pace, _end.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        context.UpdateTarget(Draw(isLast: true));
    });

    private Table Draw(bool isLast)
    {
        var table = new Table { ShowHeaders = false, Border = TableBorder.None }.AddColumns("", "", "", "");
        foreach (var column in table.Columns)
        {
            column.NoWrap();
        }

        lock (_lock)
        {
            var children = _rows.Values.OrderBy(row => row.Number).ToLookup(row => _rows.ContainsKey(row.Parent) ? row.Parent : "");
            var lines = Walk(children, "", 0).Where(line => _options.ShowSame || !line.Row.IsSame || line.Row.Urn.Contains(Urn.StackType, StringComparison.Ordinal)).ToList();

            // More than a screen: what is going on, and what was done last.
            var room = Math.Max(5, _console.Profile.Height - 4);
            if (!isLast && lines.Count > room)
            {
                var running = lines.Where(line => line.Row.IsRunning).ToList();
                var done = lines.Where(line => !line.Row.IsRunning).TakeLast(Math.Max(0, room - running.Count));
                lines = [.. running.Concat(done).OrderBy(line => line.Order).Take(room)];
            }

            foreach (var (row, depth, _) in lines)
            {
                var name = Urn.IsUrn(row.Urn) ? Urn.NameOf(row.Urn) : row.Urn;
                var type = Urn.IsUrn(row.Urn) ? Urn.TypeOf(row.Urn) : "";
                table.AddRow(
                    StyledText.Of($" [{row.Words.Color}]{row.Words.Sign}[/]"),
                    StyledText.Of($"{new string(' ', depth * 3)}[grey]{type}[/] {name}"),
                    StyledText.Of($"[{(row.HasFailed ? "red" : row.Words.Color)}]{StatusOf(row)}[/]"),
                    StyledText.Of($"{InfoOf(row)}"));
            }
        }

        return table;
    }

    private static IEnumerable<(Row Row, int Depth, int Order)> Walk(ILookup<string, Row> children, string parent, int depth)
    {
        foreach (var row in children[parent])
        {
            yield return (row, depth, row.Number);
            foreach (var below in Walk(children, row.Urn, depth + 1))
            {
                yield return below;
            }
        }
    }

    private string StatusOf(Row row)
    {
        if (row.HasFailed)
        {
            return "failed";
        }

        if (_options.IsPreview)
        {
            return row.Words.Plan;
        }

        return row.IsRunning
            ? $"{row.Words.Doing} ({row.Watch!.Elapsed.TotalSeconds:0} s)"
            : row.Duration.TotalSeconds < 0.05 ? row.Words.Done : $"{row.Words.Done} ({row.Duration.TotalSeconds:0.0} s)";
    }

    private static string InfoOf(Row row)
    {
        var diff = row.Step is null ? "" : DiffText.Short(row.Step);
        return string.Join(" ", new[] { diff.Length == 0 ? "" : $"[diff: {diff}]", row.Message }.Where(text => text.Length > 0));
    }

    private sealed class Row(string urn, string parent, int number)
    {
        public string Urn => urn;

        public string Parent => parent;

        public int Number => number;

        public StepWords Words { get; set; } = StepWords.Of(StepOperation.Same);

        public Step? Step { get; set; }

        public Stopwatch? Watch { get; set; }

        public TimeSpan Duration { get; set; }

        public bool IsRunning { get; set; }

        public bool HasFailed { get; set; }

        public string Message { get; set; } = "";

        public bool IsSame => !HasFailed && !IsRunning && (Step?.Operation == StepOperation.Same || Step is { Operation: StepOperation.Refresh, Result: StepOperation.Same }) && Message.Length == 0;
    }
}
