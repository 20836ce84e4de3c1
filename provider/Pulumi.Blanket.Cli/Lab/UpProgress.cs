using Pulumi.Blanket.Lab;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Lab;

/// <summary>Shows the steps of <c>up</c>: one moving line per subject on a terminal, a plain line per step elsewhere.</summary>
internal static class UpProgress
{
    public static async Task<T> RunAsync<T>(IAnsiConsole console, Func<IProgress<LabProgress>, Task<T>> run)
    {
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi)
        {
            return await run(new Immediate(step => console.WriteLine($"{step.Subject}: {step.Step}")));
        }

        return await console.Progress().AutoClear(true).HideCompleted(false)
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                Dictionary<string, ProgressTask> tasks = [];
                return await run(new Immediate(step =>
                {
                    lock (tasks)
                    {
                        if (!tasks.TryGetValue(step.Subject, out var task))
                        {
                            tasks[step.Subject] = task = context.AddTask(step.Subject, maxValue: 1);
                        }

                        task.Description = $"[bold]{Markup.Escape(step.Subject)}[/] {Markup.Escape(step.Step)}";
                        if (step.Done)
                        {
                            task.Value = 1;
                        }
                    }
                }));
            });
    }

    // Progress<T> posts to the thread pool, where steps overtake each other.
    private sealed class Immediate(Action<LabProgress> show) : IProgress<LabProgress>
    {
        public void Report(LabProgress value) => show(value);
    }
}
