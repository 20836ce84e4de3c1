using System.Text;
using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.Programs;
using static Pulumi.Blanket.Engine.Tests.Programs.TestPrograms;

namespace Pulumi.Blanket.Engine.Tests.Programs;

/// <summary>What waits for what, what goes on beside it, and what a failure leaves out.</summary>
public sealed class OrderTests
{
    private const string Diamond = """
        variables: { both: '${left.arn}${right.arn}' }
        resources:
          bottom: { type: sample:Thing, properties: { value: '${both}' } }
          right: { type: sample:Thing, properties: { value: '${top.arn}' } }
          left: { type: sample:Thing, options: { dependsOn: '${top}' } }
          top: { type: sample:Thing }
          other: { type: sample:Thing }
        """;

    [Fact]
    public async Task Nothing_comes_before_what_it_needs_and_else_the_file_decides()
        => Assert.Equal(["proj-dev", "top", "other", "right", "left", "bottom"], (await RunAsync(Diamond)).Names);

    [Fact]
    public async Task What_needs_nothing_of_each_other_goes_on_at_the_same_time()
    {
        ScriptedMonitor monitor = new();
        TaskCompletionSource right = new();
        monitor.Gates["right"] = right.Task;
        var run = RunAsync(Diamond, monitor);
        while (!monitor.Names.Contains("left"))
        {
            await Task.Delay(1, Cancellation);
        }

        Assert.DoesNotContain("bottom", monitor.Names);
        Assert.False(run.IsCompleted);
        right.SetResult();
        await run;
        Assert.Contains("bottom", monitor.Names);
    }

    [Fact]
    public async Task What_needs_a_failed_resource_is_left_out_and_the_rest_goes_on()
    {
        ScriptedMonitor monitor = new();
        monitor.Failures["right"] = new ResourceFailedException("no room");
        TaskCompletionSource other = new();
        monitor.Gates["other"] = other.Task;
        var run = RunAsync(Diamond + "\noutputs: { x: '${other.arn}' }", monitor);
        await Task.Delay(20, Cancellation);
        Assert.False(run.IsCompleted);
        other.SetResult();
        Assert.Equal("no room", (await Assert.ThrowsAsync<ResourceFailedException>(() => run)).Message);
        Assert.Equal(["proj-dev", "top", "other", "right", "left"], monitor.Names);
        Assert.Empty(monitor.Outputs);
    }

    [Fact]
    public async Task A_stack_that_fails_ends_the_run()
    {
        ScriptedMonitor monitor = new();
        monitor.Failures["proj-dev"] = new ResourceFailedException("locked");
        await Assert.ThrowsAsync<ResourceFailedException>(() => RunAsync(Diamond, monitor));
        Assert.Single(monitor.Goals);
    }

    [Fact]
    public async Task A_function_that_fails_is_told_with_its_place()
    {
        ScriptedMonitor monitor = new() { OnInvoke = _ => throw new EngineException(EngineFailure.Plugin, "sample:index:echo failed: no answer") };
        var fault = await Assert.ThrowsAsync<ProgramException>(() => RunAsync("variables:\n  e:\n    fn::invoke:\n      function: sample:echo\n      arguments: { text: x }\nresources: { a: { type: sample:Thing } }", monitor));
        Assert.Equal("Pulumi.yaml:4:17: error: sample:index:echo failed: no answer", fault.Message);
        Assert.Equal(["proj-dev", "a"], monitor.Names);
    }

    [Fact]
    public async Task A_fault_of_the_engine_itself_is_passed_on()
    {
        ScriptedMonitor monitor = new();
        monitor.Failures["top"] = new InvalidOperationException("bug");
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(Diamond, monitor));
        Assert.Empty(monitor.Outputs);
    }

    [Fact]
    public async Task When_the_run_is_ended_nothing_more_begins()
    {
        using CancellationTokenSource source = new();
        ScriptedMonitor monitor = new();
        TaskCompletionSource top = new();
        monitor.Gates["top"] = top.Task;
        var program = await ParseAsync(Diamond);
        var run = program.RunAsync(Context(), monitor, source.Token);
        await source.CancelAsync();
        top.SetResult();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.DoesNotContain("bottom", monitor.Names);
        Assert.Empty(monitor.Outputs);
    }

    [Fact]
    public async Task A_long_chain_runs_to_its_end()
    {
        StringBuilder text = new("resources:\n");
        for (var index = 5000; index > 0; index--)
        {
            text.Append($"  r{index}: {{ type: sample:Thing, properties: {{ value: '${{r{index - 1}.arn}}' }} }}\n");
        }

        text.Append("  r0: { type: sample:Thing }\n");
        Assert.Equal(5002, (await RunAsync(text.ToString())).Goals.Count);
    }
}
