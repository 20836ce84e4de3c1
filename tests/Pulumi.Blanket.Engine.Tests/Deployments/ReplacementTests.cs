using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Probe;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Tests.Deployments;

/// <summary>Replacing resources in either order, with what depends on them, and what a failure in the middle leaves.</summary>
public sealed class ReplacementTests
{
    [Fact]
    public async Task The_new_one_is_made_before_the_old_one_goes()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync(Program("x"));
        var old = stack["a"].Id;
        await stack.UpWellAsync(Program("y"));
        Assert.Equal(["diff a", "create a", "diff b", "update b", "delete a"], stack.Operations);
        Assert.NotEqual(old, stack["a"].Id);
        Assert.Equal(stack.Output("a", "arn"), ((Protocol.Values.StringValue)stack["b"].Inputs["value"]!).Text);
        Assert.Equal(2, stack.World.Ids.Count);
    }

    [Fact]
    public async Task A_new_one_that_fails_leaves_the_old_one()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync(Program("x"));
        var old = stack["a"];
        Assert.False((await stack.UpAsync(Program("y", "fail: create"))).Succeeded);
        Assert.Equal((old.Id, false), (stack["a"].Id, stack["a"].Delete));
        await stack.UpWellAsync(Program("y"));
        Assert.Equal(2, stack.World.Ids.Count);
    }

    [Fact]
    public async Task A_replacement_that_was_abandoned_is_no_more_told_of_once_it_is_made()
    {
        using CancellationTokenSource abandon = new();
        var isArmed = false;
        await using var stack = ProbeStack.Start((operation, _) =>
        {
            if (isArmed && operation == "create")
            {
                abandon.Cancel();
            }
        });
        await stack.UpWellAsync(Program("x"));
        isArmed = true;
        Assert.False((await stack.UpAsync(Program("y", "delayMs: 20000"), request => request with { Stop = abandon.Token, Abandon = abandon.Token })).Succeeded);
        Assert.Single(stack.State.PendingOperations);
        isArmed = false;
        await stack.UpWellAsync(Program("y"));
        Assert.Empty(stack.State.PendingOperations);
    }

    [Fact]
    public async Task An_old_one_that_can_t_be_deleted_is_deleted_by_the_next_run()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync(Program("x", "fail: delete"));
        Assert.False((await stack.UpAsync(Program("y"))).Succeeded);
        var (kept, made) = (stack.Find("a").Single(state => state.Delete), stack.Find("a").Single(state => !state.Delete));
        Assert.NotEqual(kept.Id, made.Id);

        // Its provider has changed its mind.
        stack.Set(stack.State with { Resources = [.. stack.State.Resources.Select(state => state.Delete ? state with { Inputs = state.Inputs.Without("fail") } : state)] });
        await stack.UpWellAsync(Program("y"));
        Assert.Equal(made.Id, stack["a"].Id);
        Assert.Contains("delete a", stack.Operations);
    }

    [Fact]
    public async Task Dependents_that_can_t_go_on_without_it_go_first()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync(DeleteFirst("x"));
        await stack.UpWellAsync(DeleteFirst("y"));

        // b follows a, c follows b; d only has a value of a's.
        Assert.Equal(["delete c", "delete b", "delete a", "create a", "create b", "create c"], stack.Operations.Where(operation => operation.StartsWith("delete", StringComparison.Ordinal) || operation.StartsWith("create", StringComparison.Ordinal)));
        Assert.Contains("update d", stack.Operations);
        Assert.Equal(4, stack.World.Ids.Count);
        Assert.DoesNotContain(stack.State.Resources, state => state.PendingReplacement || state.Delete);
    }

    [Fact]
    public async Task A_preview_deletes_nothing_and_tells_what_goes_along()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync(DeleteFirst("x"));
        var result = await stack.PreviewAsync(DeleteFirst("y"));
        Assert.True(result.Succeeded);
        Assert.Equal((3, 1), (result.Changes[StepOperation.Replace], result.Changes[StepOperation.Update]));
        Assert.Equal(4, stack.World.Ids.Count);
    }

    [Fact]
    public async Task What_was_deleted_first_and_not_made_again_is_made_by_the_next_run()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync(DeleteFirst("x"));
        Assert.False((await stack.UpAsync(DeleteFirst("y", "fail: create"))).Succeeded);
        Assert.True(stack["a"].PendingReplacement);
        Assert.Equal(["d"], stack.State.Resources.Where(state => state is { PendingReplacement: false, Type: "probe:index:Thing" }).Select(state => Urn.NameOf(state.Urn)));
        await stack.UpWellAsync(DeleteFirst("y"));
        Assert.Equal(4, stack.World.Ids.Count);
        Assert.DoesNotContain(stack.State.Resources, state => state.PendingReplacement);

        // And what the program has no more is only forgotten.
        Assert.False((await stack.UpAsync(DeleteFirst("z", "fail: create"))).Succeeded);
        await stack.UpWellAsync("");
        Assert.Empty(stack.World.Ids);
    }

    [Fact]
    public async Task A_protected_resource_is_neither_replaced_nor_deleted()
    {
        await using var stack = ProbeStack.Start();
        const string Guarded = "\n    options: {protect: true}";
        await stack.UpWellAsync($"resources:\n  a:\n    type: probe:Thing\n    properties: {{zone: x}}{Guarded}");
        var id = stack["a"].Id;
        Assert.False((await stack.UpAsync($"resources:\n  a:\n    type: probe:Thing\n    properties: {{zone: y}}{Guarded}")).Succeeded);
        Assert.Contains(stack.Errors, error => error.Contains("protected", StringComparison.Ordinal));
        Assert.False((await stack.UpAsync("")).Succeeded);
        Assert.False((await stack.DestroyAsync()).Succeeded);
        Assert.Equal(id, stack["a"].Id);
        Assert.Equal([id], stack.World.Ids);
    }

    [Fact]
    public async Task Options_say_what_replaces_and_in_which_order()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync("resources:\n  a:\n    type: probe:Thing\n    properties: {value: one, tags: {k: 1}}");
        await stack.UpWellAsync("resources:\n  a:\n    type: probe:Thing\n    properties: {value: one, tags: {k: 2}}\n    options: {replaceOnChanges: [tags.k], deleteBeforeReplace: true}");
        Assert.Equal(["diff a", "delete a", "create a"], stack.Operations);
        await stack.UpWellAsync("resources:\n  a:\n    type: probe:Thing\n    properties: {value: two, tags: {k: 2}}\n    options: {replaceOnChanges: [tags.k], deleteBeforeReplace: true}");
        Assert.Equal(["diff a", "update a"], stack.Operations);
    }

    [Fact]
    public async Task What_is_to_be_retained_is_retained_when_it_is_replaced_too()
    {
        await using var stack = ProbeStack.Start();
        foreach (var zone in (string[])["x", "y", "z"])
        {
            await stack.UpWellAsync($"resources:\n  a:\n    type: probe:Thing\n    properties: {{zone: {zone}, deleteFirst: {(zone == "z" ? "true" : "false")}}}\n    options: {{retainOnDelete: true}}");
            Assert.DoesNotContain("delete a", stack.Operations);
        }

        Assert.Equal(3, stack.World.Ids.Count);
        Assert.Single(stack.Find("a"));
    }

    private static string Program(string zone, string more = "size: 1")
        => $"resources:\n  a:\n    type: probe:Thing\n    properties: {{zone: {zone}, {more}}}\n  b:\n    type: probe:Thing\n    properties: {{value: \"${{a.arn}}\"}}";

    private static string DeleteFirst(string zone, string more = "size: 1")
        => $$"""
        resources:
          a:
            type: probe:Thing
            properties: {zone: {{zone}}, deleteFirst: true, {{more}}}
          b:
            type: probe:Thing
            properties: {follows: "${a.arn}"}
          c:
            type: probe:Thing
            properties: {follows: "${b.arn}"}
          d:
            type: probe:Thing
            properties: {value: "${a.arn}"}
        """;
}
