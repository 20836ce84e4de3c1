using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.Programs;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Probe;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Tests.Deployments;

/// <summary>Renaming, importing, reading, refreshing, deleting, targets, providers, components.</summary>
public sealed class LifecycleTests
{
    [Fact]
    public async Task A_resource_with_another_name_and_an_alias_is_the_same_one()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync("""
            resources:
              a: {type: "probe:Thing", properties: {value: one}}
              b: {type: "probe:Thing", properties: {value: "${a.arn}"}}
            """);
        var id = stack["a"].Id;
        await stack.UpWellAsync("""
            resources:
              anew: {type: "probe:Thing", properties: {value: one}, options: {aliases: [{name: a}]}}
              b: {type: "probe:Thing", properties: {value: "${anew.arn}"}}
            """);
        Assert.Equal((id, 0), (stack["anew"].Id, stack.Find("a").Count()));
        Assert.DoesNotContain("delete a", stack.Operations);
        Assert.Equal([ProbeStack.UrnOf("anew")], stack["b"].Dependencies);
    }

    [Fact]
    public async Task What_the_program_imports_becomes_what_it_says()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync("""resources: {a: {type: "probe:Thing", properties: {value: one, zone: x}}}""");
        var id = stack["a"].Id;
        stack.Set(Snapshot.Empty);
        Assert.False((await stack.UpAsync("""resources: {a: {type: "probe:Thing", properties: {value: one}, options: {import: none}}}""")).Succeeded);
        Assert.Contains(stack.Errors, error => error.Contains("there is no probe:index:Thing with the id 'none'", StringComparison.Ordinal));

        // What would make a new one is not what was meant.
        Assert.False((await stack.UpAsync($$$$$"""resources: {a: {type: "probe:Thing", properties: {value: one, zone: y}, options: {import: {{{{{id}}}}}}}}""")).Succeeded);
        Assert.Contains(stack.Errors, error => error.Contains("zone would make a new one", StringComparison.Ordinal));
        Assert.Empty(stack.Find("a"));
        await stack.UpWellAsync($$$$$"""resources: {a: {type: "probe:Thing", properties: {value: two, zone: x}, options: {import: {{{{{id}}}}}}}}""");
        Assert.Equal(["read a", "diff a", "update a"], stack.Operations);
        Assert.Equal((id, "two"), (stack["a"].Id, stack.Output("a", "value")));

        // As long as the option is there, nothing takes the place of what was imported.
        Assert.False((await stack.UpAsync($$$$$"""resources: {a: {type: "probe:Thing", properties: {value: two, zone: y}, options: {import: {{{{{id}}}}}}}}""")).Succeeded);
        Assert.Contains(stack.Errors, error => error.Contains("remove the option `import`", StringComparison.Ordinal));
        Assert.Equal([id], stack.World.Ids);
        await stack.UpWellAsync("""resources: {a: {type: "probe:Thing", properties: {value: three, zone: x}}}""");
        Assert.Equal(["diff a", "update a"], stack.Operations);
    }

    [Fact]
    public async Task What_the_command_takes_over_stands_behind_what_the_stack_has()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync("""resources: {a: {type: "probe:Thing", properties: {value: one}}, b: {type: "probe:Thing", properties: {value: two}}}""");
        var id = stack["b"].Id;
        stack.Set(stack.State with { Resources = stack.State.Resources.Remove(stack["b"]) });
        var result = await stack.RunAsync(DeploymentKind.Import, "", request => request with { Imports = [new ImportRequest("probe:index:Thing", "taken", id, Protect: false)] });
        Assert.True(result.Succeeded, string.Join("\n", stack.Errors));
        StateIntegrity.Assert(stack.State);
        Assert.Equal(id, stack["taken"].Id);
    }

    [Fact]
    public async Task What_is_only_read_is_never_deleted()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync("""resources: {a: {type: "probe:Thing", properties: {value: one}}}""");
        var id = stack["a"].Id;
        stack.Set(Snapshot.Empty);
        await stack.UpWellAsync($$$$$"""resources: {a: {type: "probe:Thing", get: {id: {{{{{id}}}}}}}, b: {type: "probe:Thing", properties: {value: "${a.value}"}}}""");
        Assert.True(stack["a"].External);
        Assert.Equal("one", stack.Output("b", "value"));
        Assert.True((await stack.DestroyAsync()).Succeeded);
        Assert.Equal([id], stack.World.Ids);
        Assert.Empty(stack.State.Resources);
    }

    [Fact]
    public async Task What_is_gone_is_made_again_after_a_refresh()
    {
        await using var stack = ProbeStack.Start();
        const string Program = """
            resources:
              a: {type: "probe:Thing", properties: {value: one}}
              b: {type: "probe:Thing", properties: {value: "${a.arn}"}}
            """;
        await stack.UpWellAsync(Program);
        stack.World.Delete(stack["a"].Id);
        Assert.True((await stack.RefreshAsync(request => request with { IsPreview = true, Writer = null })).Succeeded);
        Assert.Single(stack.Find("a"));
        var result = await stack.RefreshAsync();
        Assert.Equal((1, 2), (result.Changes[StepOperation.Delete], result.Changes[StepOperation.Same]));
        Assert.Empty(stack.Find("a"));
        Assert.Empty(stack["b"].Dependencies);
        await stack.UpWellAsync(Program);
        Assert.Equal(["create a", "diff b", "update b"], stack.Operations);

        // `up --refresh` does both.
        stack.World.Delete(stack["b"].Id);
        await stack.UpWellAsync(Program, request => request with { Refresh = true });
        Assert.Contains("create b", stack.Operations);
    }

    [Fact]
    public async Task A_resource_that_can_t_be_read_ends_the_run_with_the_state_as_it_was()
    {
        await using var stack = ProbeStack.Start();
        const string Program = """resources: {a: {type: "probe:Thing", properties: {refreshes: true, fail: read}}}""";
        await stack.UpWellAsync(Program);
        var state = stack["a"];
        Assert.False((await stack.UpAsync(Program)).Succeeded);
        Assert.Equal(["read refused"], stack.Errors);
        Assert.Equal(state.Id, stack["a"].Id);
        Assert.DoesNotContain("diff a", stack.Operations);
    }

    [Fact]
    public async Task Only_targets_are_touched()
    {
        await using var stack = ProbeStack.Start();
        string Program(int size) => $$$$$"""
            resources:
              a: {type: "probe:Thing", properties: {size: {{{{{size}}}}}}}
              b: {type: "probe:Thing", properties: {size: {{{{{size}}}}}, value: "${a.arn}"}}
            """;
        await stack.UpWellAsync(Program(1));
        await stack.UpWellAsync(Program(2), request => request with { Targets = ["**::a"] });
        Assert.Equal(["diff a", "update a"], stack.Operations);

        // What is new and no target is left out, and so is what needs it.
        const string More = "\n  new: {type: \"probe:Thing\"}";
        await stack.UpWellAsync(Program(2) + More + "\noutputs: {made: \"${new.arn}\"}", request => request with { Targets = ["**::a"] });
        Assert.Empty(stack.Find("new"));
        Assert.False((await stack.UpAsync(Program(2) + More + "\n  needs: {type: \"probe:Thing\", properties: {value: \"${new.arn}\"}}", request => request with { Targets = ["**::needs"] })).Succeeded);
        Assert.Contains(stack.Errors, error => error.Contains("--target 'urn:pulumi:dev::test::probe:index:Thing::new'", StringComparison.Ordinal));

        // What is to stay must not lose what it stands on.
        Assert.False((await stack.DestroyAsync(request => request with { Targets = ["**::a"] })).Succeeded);
        Assert.Contains(stack.Errors, error => error.Contains("depends on it", StringComparison.Ordinal));
        Assert.True((await stack.DestroyAsync(request => request with { Targets = ["**::a"], TargetDependents = true })).Succeeded);
        Assert.Empty(stack.World.Ids);
    }

    [Fact]
    public async Task What_is_retained_or_goes_with_another_is_not_deleted_by_itself()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync("""
            resources:
              a: {type: "probe:Thing"}
              kept: {type: "probe:Thing", options: {retainOnDelete: true}}
              along: {type: "probe:Thing", options: {deletedWith: "${a}"}}
            """);
        Assert.True((await stack.DestroyAsync()).Succeeded);
        Assert.Equal(["delete a"], stack.Operations);
        Assert.Empty(stack.State.Resources);
    }

    [Fact]
    public async Task However_many_need_a_provider_at_once_it_is_started_once()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync("resources:\n" + string.Concat(Enumerable.Range(0, 40).Select(index => $"  r{index}: {{type: \"probe:Thing\"}}\n")));
        foreach (var run in (Func<Task<DeploymentResult>>[])[() => stack.RefreshAsync(), () => stack.DestroyAsync()])
        {
            var before = stack.Plugins;
            Assert.True((await run()).Succeeded);
            Assert.Equal(1, stack.Plugins - before);
        }
    }

    [Fact]
    public async Task A_delete_that_fails_keeps_what_it_stands_on()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync("""
            resources:
              a: {type: "probe:Thing"}
              b: {type: "probe:Thing", properties: {value: "${a.arn}", fail: delete}}
            """);
        Assert.False((await stack.DestroyAsync()).Succeeded);
        Assert.Equal(["delete b"], stack.Operations);
        Assert.Equal(["a", "b", "default", "test-dev"], stack.State.Resources.Select(resource => Urn.NameOf(resource.Urn)).Order());
    }

    [Fact]
    public async Task Resources_of_a_provider_that_is_another_account_now_are_replaced()
    {
        await using var stack = ProbeStack.Start();
        string Program(string region) => $$$$$"""
            resources:
              p: {type: "pulumi:providers:probe", properties: {region: {{{{{region}}}}}}}
              a: {type: "probe:Thing", properties: {value: one}, options: {provider: "${p}"}}
            """;
        await stack.UpWellAsync(Program("eu"));
        var (provider, thing) = (stack["p"].Id, stack["a"].Id);
        Assert.Equal(2, (await stack.PreviewAsync(Program("us"))).Changes[StepOperation.Replace]);
        await stack.UpWellAsync(Program("us"));
        Assert.NotEqual(provider, stack["p"].Id);
        Assert.NotEqual(thing, stack["a"].Id);
        Assert.Equal(stack["p"].ProviderReference, stack["a"].Provider);
        Assert.True((await stack.DestroyAsync()).Succeeded);
        Assert.Empty(stack.State.Resources);
    }

    [Fact]
    public async Task A_provider_whose_settings_are_not_known_yet_makes_unknowns_in_a_preview()
    {
        await using var stack = ProbeStack.Start();
        const string Program = """
            resources:
              first: {type: "probe:Thing"}
              p: {type: "pulumi:providers:probe", properties: {region: "${first.arn}"}}
              a: {type: "probe:Thing", properties: {value: one}, options: {provider: "${p}"}}
              b: {type: "probe:Thing", properties: {value: "${a.arn}"}}
            """;
        var result = await stack.PreviewAsync(Program);
        Assert.True(result.Succeeded, string.Join("\n", stack.Errors));
        Assert.Equal(5, result.Changes[StepOperation.Create]);
        await stack.UpWellAsync(Program);
        Assert.StartsWith("arn:", ((Protocol.Values.StringValue)stack["b"].Inputs["value"]!).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_component_s_children_stand_below_it_and_fail_once()
    {
        await using var stack = ProbeStack.Start();
        await stack.UpWellAsync("""
            resources:
              g: {type: "probe:Group", properties: {count: 2, value: v}}
              after: {type: "probe:Thing", properties: {value: "${g.arns[1]}"}}
            """);
        Assert.Equal(stack["g"].Urn, stack["g-1"].Parent);
        Assert.Equal(stack.Output("g-1", "arn"), stack.Output("after", "value"));
        Assert.False((await stack.UpAsync("""resources: {h: {type: "probe:Group", properties: {count: 2, fail: create}}}""")).Succeeded);
        Assert.Equal(["create refused"], stack.Errors);
    }

    [Fact]
    public async Task Views_follow_their_resource()
    {
        await using var stack = ProbeStack.Start();
        string Program(int count) => $$$$$"""resources: {a: {type: "probe:Thing", properties: {views: {{{{{count}}}}}}}}""";
        await stack.UpWellAsync(Program(2));
        Assert.Equal(2, stack.State.Resources.Count(resource => resource.ViewOf == stack["a"].Urn));
        await stack.UpWellAsync(Program(2));
        Assert.Equal(2, stack.State.Resources.Count(resource => resource.ViewOf == stack["a"].Urn));
        await stack.UpWellAsync(Program(1));
        Assert.Equal(["view-0"], stack.State.Resources.Where(resource => resource.ViewOf.Length > 0).Select(resource => Urn.NameOf(resource.Urn)));
        Assert.True((await stack.DestroyAsync()).Succeeded);
        Assert.Empty(stack.State.Resources);
    }

    [Fact]
    public async Task A_function_that_fails_says_where_it_stands_in_the_program()
    {
        await using var stack = ProbeStack.Start();
        var fault = await Assert.ThrowsAsync<ProgramException>(() => stack.UpAsync("""
            variables:
              e: {"fn::invoke": {function: "probe:echo", arguments: {text: fail}}}
            resources:
              a: {type: "probe:Thing", properties: {value: "${e.echo}"}}
            """));
        Assert.Contains("echo refused", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Pulumi.yaml:4", fault.Message, StringComparison.Ordinal);
    }
}
