using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Tests.Deployments;

/// <summary>Rules of Pulumi's engine that no recording has: targets beside replacements, aliases, providers that depend on resources.</summary>
public sealed class RuleTests
{
    [Fact]
    public async Task What_is_made_again_beside_a_target_gets_the_target_s_new_values()
    {
        await using var stack = ProbeStack.Start();
        static string Program(string zone, string size) => $$$$$"""
            resources:
              a: {type: "probe:Thing", properties: {zone: {{{{{zone}}}}}, deleteFirst: true}}
              b: {type: "probe:Thing", properties: {follows: "${a.arn}", size: {{{{{size}}}}}}}
            """;
        await stack.UpWellAsync(Program("x", "1"));
        var old = stack.Output("a", "arn");
        await stack.UpWellAsync(Program("y", "2"), request => request with { Targets = ["**::a"] });
        Assert.Equal(["diff a", "diff b", "delete b", "delete a", "create a", "create b"], stack.Operations);
        StateIntegrity.Assert(stack.State);
        Assert.NotEqual(old, stack.Output("a", "arn"));
        Assert.Equal(stack.Output("a", "arn"), stack.Output("b", "follows"));

        // It is no target for all that: what else the program wants of it is for another run.
        Assert.Equal(new NumberValue(1), stack["b"].Inputs["size"]);
        await stack.UpWellAsync(Program("y", "2"));
        Assert.Equal(new NumberValue(2), stack["b"].Inputs["size"]);
    }

    [Fact]
    public async Task A_target_goes_only_when_nothing_that_stays_needs_it()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync("""resources: {a: {type: "probe:Thing", properties: {value: one}}, b: {type: "probe:Thing", properties: {value: "${a.arn}"}}}""");
        const string WithoutA = """resources: {b: {type: "probe:Thing", properties: {value: two}}}""";
        Assert.False((await stack.UpAsync(WithoutA, request => request with { Targets = ["**::a"] })).Succeeded);
        Assert.Contains(stack.Errors, error => error.Contains("b depends on it", StringComparison.Ordinal));
        StateIntegrity.Assert(stack.State);
        Assert.Equal(2, stack.World.Ids.Count);
        await stack.UpWellAsync(WithoutA);
        Assert.Single(stack.World.Ids);
    }

    [Fact]
    public async Task What_is_excluded_stays_as_it_is_and_what_is_asked_for_is_made_anew()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync(Two("one"));
        await stack.UpWellAsync(Two("two"), request => request with { Excludes = ["**::b"] });
        Assert.Equal(("two", "one"), (stack.Output("a", "value"), stack.Output("b", "value")));
        await stack.UpWellAsync(Two("two"));
        var (a, b) = (stack["a"].Id, stack["b"].Id);
        await stack.UpWellAsync(Two("two"), request => request with { Replaces = ["**::b"] });
        Assert.Equal(["create b", "delete b", "diff a"], stack.Operations.Order(StringComparer.Ordinal));
        Assert.Equal(a, stack["a"].Id);
        Assert.NotEqual(b, stack["b"].Id);
        Assert.False((await stack.UpAsync(Two("two"), request => request with { Excludes = ["**::c"], Replaces = ["**::d"] })).Succeeded);
        Assert.Equal(2, stack.Errors.Count(error => error.Contains("is no resource of the stack, nor of the program", StringComparison.Ordinal)));

        static string Two(string value) => $$$$$"""resources: {a: {type: "probe:Thing", properties: {value: {{{{{value}}}}}}}, b: {type: "probe:Thing", properties: {value: {{{{{value}}}}}}}}""";
    }

    [Theory]
    [InlineData("""resources: {b: {type: "probe:Thing", options: {aliases: [{name: a}]}}, c: {type: "probe:Thing", options: {aliases: [{name: a}]}}}""", "is claimed by")]
    [InlineData("""resources: {a: {type: "probe:Thing"}, b: {type: "probe:Thing", options: {aliases: [{name: a}]}}}""", "")]
    public async Task Two_resources_are_never_one_of_the_state(string program, string error)
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync("""resources: {a: {type: "probe:Thing"}}""");
        var id = stack["a"].Id;
        Assert.False((await stack.UpAsync(program)).Succeeded);
        Assert.Contains(stack.Errors, text => text.Contains(error, StringComparison.Ordinal));
        Assert.Contains(id, stack.World.Ids);
        StateIntegrity.Assert(stack.State);
    }

    [Fact]
    public async Task A_provider_that_needs_what_is_deleted_first_takes_its_resources_along()
    {
        await using var stack = ProbeStack.Start();
        static string Program(string zone) => $$$$$"""
            resources:
              cluster: {type: "probe:Thing", properties: {zone: {{{{{zone}}}}}, deleteFirst: true}}
              p: {type: "pulumi:providers:probe", properties: {region: "${cluster.arn}"}}
              inside: {type: "probe:Thing", properties: {value: x}, options: {provider: "${p}"}}
            """;
        await stack.UpWellAsync(Program("x"));
        await stack.UpWellAsync(Program("y"));
        Assert.Equal(["delete inside", "delete cluster", "create cluster", "create inside"], stack.Operations.Where(operation => !operation.StartsWith("diff", StringComparison.Ordinal)));
        StateIntegrity.Assert(stack.State);
        Assert.DoesNotContain(stack.State.Resources, resource => resource.Delete || resource.PendingReplacement);
        Assert.Equal(stack["inside"].Provider, stack["p"].ProviderReference);
        Assert.True((await stack.DestroyAsync()).Succeeded);
        Assert.Empty(stack.World.Ids);
    }

    [Fact]
    public async Task A_delete_of_which_nobody_knows_how_it_ended_is_looked_at()
    {
        await using var stack = ProbeStack.Start();
        const string Program = """resources: {a: {type: "probe:Thing", properties: {value: one}}}""";
        await stack.UpWellAsync(Program);
        stack.World.Delete(stack["a"].Id);
        stack.Set(stack.State with { PendingOperations = [new PendingOperation(stack["a"], PendingOperation.Deleting)] });
        await stack.UpWellAsync(Program);
        Assert.Equal(["read a", "create a"], stack.Operations);
        Assert.Equal(stack["a"].Id, Assert.Single(stack.World.Ids));
        Assert.Empty(stack.State.PendingOperations);
    }
}
