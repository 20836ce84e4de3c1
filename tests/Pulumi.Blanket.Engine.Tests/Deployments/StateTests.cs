using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Tests.Deployments;

/// <summary>What of a deployment is in the state, and when; and what an end in the middle leaves.</summary>
public sealed class StateTests
{
    private const string Chain = """
        resources:
          a: {type: "probe:Thing", properties: {value: one}}
          b: {type: "probe:Thing", properties: {value: "${a.arn}"}}
          c: {type: "probe:Thing", properties: {value: "${b.arn}"}}
        """;

    [Fact]
    public async Task A_step_begins_only_when_what_it_stands_on_is_on_disk()
    {
        ConcurrentQueue<(string Urn, Snapshot State)> before = new();
        ProbeStack? stack = null;
        await using (stack = ProbeStack.Start((operation, urn) =>
        {
            if (operation == "create")
            {
                before.Enqueue((urn, stack!.State));
            }
        }))
        {
            await stack.UpWellAsync(Chain);
            foreach (var (urn, state) in before)
            {
                // The operation itself is noted, and all that it depends on is there with its id.
                Assert.Contains(state.PendingOperations, pending => pending.Resource.Urn == urn && pending.Type == PendingOperation.Creating);
                Assert.All(stack[Urn.NameOf(urn)].Dependencies, dependency => Assert.Contains(state.Resources, resource => resource.Urn == dependency && resource.Id.Length > 0));
            }
        }

        Assert.Equal(3, before.Count);
        Assert.Empty(stack.State.PendingOperations);
    }

    [Fact]
    public async Task A_run_that_changes_nothing_writes_once()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync(Chain);
        var (state, count) = (stack.State, stack.WriteCount);
        await stack.UpWellAsync(Chain);
        Assert.Equal(1, stack.WriteCount - count);
        Assert.True(state.Resources.Zip(stack.State.Resources).All(pair => ReferenceEquals(pair.First, pair.Second)));
    }

    [Fact]
    public async Task What_was_made_but_not_finished_is_kept_and_finished_by_the_next_run()
    {
        await using var stack = ProbeStack.Start();
        var program = Chain.Replace("{value: one}", "{value: one, fail: init}", StringComparison.Ordinal);
        Assert.False((await stack.UpAsync(program)).Succeeded);
        Assert.Equal(["not ready after 5 s"], stack["a"].InitErrors);
        Assert.Empty(stack.Find("b"));
        await stack.UpWellAsync(program);
        Assert.Empty(stack["a"].InitErrors);
        Assert.Equal(["diff a", "update a", "create b", "create c"], stack.Operations);
    }

    [Fact]
    public async Task A_failure_stops_what_is_new_and_lets_end_what_goes_on()
    {
        await using var stack = ProbeStack.Start();
        const string Program = """
            resources:
              bad: {type: "probe:Thing", properties: {fail: create, delayMs: 100}}
              slow: {type: "probe:Thing", properties: {delayMs: 600}}
              after: {type: "probe:Thing", properties: {value: "${slow.arn}"}}
            """;
        Assert.False((await stack.UpAsync(Program)).Succeeded);
        Assert.Equal(["create refused"], stack.Errors);
        Assert.NotEmpty(stack["slow"].Id);
        Assert.Empty(stack.Find("after"));
        Assert.False((await stack.UpAsync(Program, request => request with { ContinueOnError = true })).Succeeded);
        Assert.NotEmpty(stack["after"].Id);
    }

    [Fact]
    public async Task Stopped_once_it_ends_with_what_it_reached()
    {
        using CancellationTokenSource stop = new();
        await using var stack = ProbeStack.Start((operation, urn) =>
        {
            if (operation == "create" && Urn.NameOf(urn) == "b")
            {
                stop.Cancel();
            }
        });
        var program = Chain.Replace("{value: \"${a.arn}\"}", "{value: \"${a.arn}\", delayMs: 20000}", StringComparison.Ordinal);
        var result = await stack.UpAsync(program, request => request with { Stop = stop.Token });
        Assert.Equal((false, true), (result.Succeeded, result.WasStopped));
        Assert.NotEmpty(stack["a"].Id);

        // The provider was told, and ended what it was at.
        Assert.Empty(stack.Find("b"));
        Assert.Contains("it was cancelled", stack.Errors);
        Assert.Empty(stack.State.PendingOperations);
    }

    [Fact]
    public async Task Abandoned_it_leaves_a_note_of_what_went_on()
    {
        using CancellationTokenSource abandon = new();
        await using var stack = ProbeStack.Start((operation, urn) =>
        {
            if (operation == "create" && Urn.NameOf(urn) == "b")
            {
                abandon.Cancel();
            }
        });
        var slow = Chain.Replace("{value: \"${a.arn}\"}", "{value: \"${a.arn}\", delayMs: 20000}", StringComparison.Ordinal);
        Assert.False((await stack.UpAsync(slow, request => request with { Stop = abandon.Token, Abandon = abandon.Token })).Succeeded);
        Assert.Equal([(ProbeStack.UrnOf("b"), PendingOperation.Creating)], stack.State.PendingOperations.Select(pending => (pending.Resource.Urn, pending.Type)));

        // The note stays until the resource is there, and each run tells of it.
        Assert.True((await stack.PreviewAsync(Chain)).Succeeded);
        Assert.Contains(stack.Messages, message => message.Urn == ProbeStack.UrnOf("b") && message.Severity == MessageSeverity.Warning);
        Assert.True((await stack.RefreshAsync()).Succeeded);
        Assert.NotEmpty(stack.State.PendingOperations);
        var state = stack.State;
        Assert.True((await stack.RefreshAsync(request => request with { ClearPendingCreates = true })).Succeeded);
        Assert.Empty(stack.State.PendingOperations);
        stack.Set(state);
        await stack.UpWellAsync(Chain);
        Assert.Empty(stack.State.PendingOperations);
    }

    [Fact]
    public async Task As_many_go_on_at_once_as_is_asked_for()
    {
        var (now, most) = (0, 0);
        await using var stack = ProbeStack.Start((operation, _) =>
        {
            if (operation == "create")
            {
                most = Math.Max(most, Interlocked.Increment(ref now));
                Task.Delay(150).ContinueWith(_ => Interlocked.Decrement(ref now), TaskScheduler.Default);
            }
        });
        var program = "resources:\n" + string.Concat(Enumerable.Range(0, 9).Select(index => $"  r{index}: {{type: \"probe:Thing\", properties: {{delayMs: 400}}}}\n"));
        await stack.UpWellAsync(program, request => request with { Parallel = 3 });
        Assert.Equal(3, most);
    }

    [Fact]
    public async Task A_secret_stays_one_from_the_program_to_the_state()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync("""
            resources:
              a: {type: "probe:Thing", properties: {password: {"fn::secret": hunter2}}}
              b: {type: "probe:Thing", properties: {value: "pre-${a.password}"}}
            outputs: {pw: "${b.value}"}
            """);
        Assert.IsType<Protocol.Values.SecretValue>(stack["a"].Outputs["password"]);
        Assert.IsType<Protocol.Values.SecretValue>(stack["b"].Inputs["value"]);
        Assert.IsType<Protocol.Values.SecretValue>(stack["test-dev"].Outputs["pw"]);
    }

    [Fact]
    public async Task Two_of_one_name_are_refused()
    {
        await using var stack = ProbeStack.Start();
        Assert.False((await stack.UpAsync("""
            resources:
              a: {type: "probe:Thing", name: one, properties: {value: x}}
              b: {type: "probe:Thing", name: one, properties: {value: y}}
            """)).Succeeded);
        Assert.Contains(stack.Errors, error => error.Contains("have the name 'one'", StringComparison.Ordinal));
    }
}
