using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.Programs;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;
using static Pulumi.Blanket.Engine.Tests.Programs.TestPrograms;

namespace Pulumi.Blanket.Engine.Tests.Programs;

/// <summary>What a program registers, and with which options.</summary>
public sealed class RegistrationTests
{
    private const string StackUrn = "urn:pulumi:dev::proj::pulumi:pulumi:Stack::proj-dev";

    [Fact]
    public async Task The_stack_comes_first_and_is_the_parent_of_all()
    {
        var monitor = await RunAsync("resources: { a: { type: sample:Thing } }");
        var stack = monitor.Goals[0];
        Assert.Equal((Urn.StackType, "proj-dev", false, false, ""), (stack.Type, stack.Name, stack.Custom, stack.Remote, stack.Parent));
        var thing = monitor.Goals[1];
        Assert.Equal(("sample:index:Thing", "a", true, false, StackUrn), (thing.Type, thing.Name, thing.Custom, thing.Remote, thing.Parent));
        Assert.Equal((StackUrn, ObjectValue.Empty), monitor.Outputs.Single());
    }

    [Theory]
    [InlineData("")]
    [InlineData("name: proj\nruntime: yaml\nresources:\nvariables: {}\n")]
    public async Task A_program_without_resources_registers_its_stack(string text)
        => Assert.Equal(["proj-dev"], (await RunAsync(text)).Names);

    [Theory]
    [InlineData("sample:Thing", "sample:index:Thing")]
    [InlineData("sample:index:Thing", "sample:index:Thing")]
    [InlineData("sample:net:Subnet", "sample:net/subnet:Subnet")]
    [InlineData("sample:net/subnet:Subnet", "sample:net/subnet:Subnet")]
    [InlineData("pulumi:providers:sample", "pulumi:providers:sample")]
    public async Task Types_may_be_written_short(string type, string token)
        => Assert.Equal(token, (await RunAsync($"resources: {{ a: {{ type: '{type}'{(type.Contains("ubnet") ? ", properties: { cidr: 10.0.0.0/24 }" : "")} }} }}"))["a"].Type);

    [Fact]
    public async Task A_component_is_remote_and_marks_no_outputs_secret()
    {
        var group = (await RunAsync("resources: { g: { type: sample:Group, properties: { count: 2 } } }"))["g"];
        Assert.False(group.Custom);
        Assert.True(group.Remote);
        Assert.Empty(group.Options.AdditionalSecretOutputs);
    }

    [Fact]
    public async Task Each_given_property_has_its_dependencies()
    {
        var monitor = await RunAsync("""
            resources:
              b:
                type: sample:Thing
                properties:
                  value: ${a.arn}
                  size: 3
                  tags: { x: '${c.id}', y: 'pre-${a.id}' }
                  items:
              a: { type: sample:Thing }
              c: { type: sample:Thing }
            """);
        var b = monitor["b"];
        Assert.Equal(["size", "tags", "value"], b.PropertyDependencies.Keys);
        Assert.Equal([ScriptedMonitor.UrnOf("a")], b.PropertyDependencies["value"]);
        Assert.Equal([ScriptedMonitor.UrnOf("a"), ScriptedMonitor.UrnOf("c")], b.PropertyDependencies["tags"]);
        Assert.Empty(b.PropertyDependencies["size"]);
        Assert.Empty(b.Options.DependsOn);
        Assert.Equal(Values.Object(("value", "arn:a"), ("size", 3), ("tags", Values.Object(("x", "c-1"), ("y", "pre-a-1")))), b.Inputs);
    }

    [Fact]
    public async Task Options_are_passed_on()
    {
        var monitor = await RunAsync("""
            config: { guarded: { type: boolean, default: true } }
            resources:
              a: { type: sample:Thing }
              g: { type: sample:Group }
              b:
                type: sample:Thing
                name: renamed-${pulumi.stack}
                options:
                  dependsOn: ['${a}', '${g}']
                  parent: ${g}
                  protect: ${guarded}
                  ignoreChanges: [value, 'tags["a.b"]']
                  replaceOnChanges: ['*']
                  deleteBeforeReplace: true
                  retainOnDelete: false
                  additionalSecretOutputs: [arn]
                  customTimeouts: { create: 1h30m, update: 90s, delete: 5m }
                  deletedWith: ${a}
                  replaceWith: ['${a}']
                  import: existing-1
                  version: 1.2.3
                  pluginDownloadURL: https://example.com
                  aliases:
                    - urn:pulumi:dev::proj::sample:index:Thing::old
                    - name: older
                      parent: ${g}
                    - { type: 'sample:index:Was', noParent: true }
            """);
        var b = monitor["renamed-dev"];
        var g = ScriptedMonitor.UrnOf("g", "sample:index:Group");
        var a = ScriptedMonitor.UrnOf("a");
        var options = b.Options;
        Assert.Equal(g, b.Parent);
        Assert.Equal([a, g], options.DependsOn);
        Assert.Equal((true, true, false), (options.Protect, options.DeleteBeforeReplace, options.RetainOnDelete));
        Assert.Equal(["value", "tags[\"a.b\"]"], options.IgnoreChanges);
        Assert.Equal(["*"], options.ReplaceOnChanges);
        Assert.Equal(["arn", "password"], options.AdditionalSecretOutputs);
        Assert.Equal(new CustomTimeouts(5400, 90, 300), options.CustomTimeouts);
        Assert.Equal(a, options.DeletedWith);
        Assert.Equal([a], options.ReplaceWith);
        Assert.Equal(("existing-1", "1.2.3", "https://example.com"), (options.Import, options.Version, options.PluginDownloadUrl));
        Assert.Equal(
            [
                new ResourceAlias("urn:pulumi:dev::proj::sample:index:Thing::old"),
                new ResourceAlias(Name: "older", ParentUrn: g),
                new ResourceAlias(Type: "sample:index:Was", NoParent: true),
            ], options.Aliases);
    }

    [Fact]
    public async Task One_dependency_needs_no_list()
        => Assert.Equal([ScriptedMonitor.UrnOf("a")],
            (await RunAsync("resources: { a: { type: sample:Thing }, b: { type: sample:Thing, options: { dependsOn: '${a}' } } }"))["b"].Options.DependsOn);

    [Fact]
    public async Task Options_that_are_not_given_stay_open()
    {
        var options = (await RunAsync("resources: { a: { type: sample:Thing } }"))["a"].Options;
        Assert.Equal((null, null, null, "", ""), (options.Protect, options.DeleteBeforeReplace, options.RetainOnDelete, options.Provider, options.Import));
        Assert.Equal(["password"], options.AdditionalSecretOutputs);
        Assert.Equal(CustomTimeouts.None, options.CustomTimeouts);
    }

    private const string Provider = "urn:pulumi:dev::proj::pulumi:providers:sample::p";

    [Fact]
    public async Task A_provider_is_named_by_urn_and_id()
    {
        const string Text = "resources: { p: { type: 'pulumi:providers:sample', properties: { region: eu } }, a: { type: sample:Thing, options: { provider: '${p}' } } }";
        Assert.Equal($"{Provider}::p-1", (await RunAsync(Text))["a"].Options.Provider);
        Assert.Equal($"{Provider}::04da6b54-80e4-46f7-96ec-b56ff0331ba9", (await PreviewAsync(Text))["a"].Options.Provider);
    }

    [Fact]
    public async Task A_default_provider_serves_what_names_none()
    {
        var monitor = await RunAsync("""
            variables:
              said: { fn::sample:echo: { text: hi } }
            resources:
              a: { type: sample:Thing, properties: { value: '${said.echo}' } }
              p: { type: 'pulumi:providers:sample', defaultProvider: true }
              q: { type: 'pulumi:providers:sample' }
              b: { type: sample:Thing, options: { provider: '${q}' } }
              g: { type: sample:Group }
            """);
        Assert.Equal($"{Provider}::p-1", monitor["a"].Options.Provider);
        Assert.Equal($"{Provider}::p-1", monitor.Invokes.Single().Provider);
        Assert.EndsWith("::q::q-1", monitor["b"].Options.Provider);
        Assert.Equal("", monitor["q"].Options.Provider);
        Assert.Equal($"{Provider}::p-1", monitor["g"].Options.Providers["sample"]);
    }

    [Theory]
    [InlineData("['${p}']")]
    [InlineData("{ sample: '${p}' }")]
    [InlineData("'${p}'")]
    public async Task A_component_takes_providers_for_its_children(string providers)
    {
        var monitor = await RunAsync($"resources: {{ p: {{ type: 'pulumi:providers:sample' }}, g: {{ type: sample:Group, options: {{ providers: {providers} }} }} }}");
        Assert.Equal(ImmutableSortedDictionary<string, string>.Empty.Add("sample", $"{Provider}::p-1"), monitor["g"].Options.Providers);
    }

    [Fact]
    public async Task A_component_hands_on_a_provider_of_another_package()
    {
        var options = (await RunAsync("resources: { p: { type: 'pulumi:providers:blanket' }, g: { type: sample:Group, options: { provider: '${p}' } } }"))["g"].Options;
        Assert.Equal("", options.Provider);
        Assert.Equal(["blanket"], options.Providers.Keys);
    }

    [Fact]
    public async Task What_is_only_read_is_not_registered()
    {
        var monitor = await RunAsync("""
            resources:
              a: { type: sample:Thing }
              r: { type: sample:Thing, get: { id: 'old-${a.id}', state: { value: known } }, options: { dependsOn: ['${a}'] } }
              b: { type: sample:Thing, properties: { value: '${r.arn}' } }
            """);
        var read = monitor.Reads.Single();
        Assert.Equal(("sample:index:Thing", "r", StackUrn, new StringValue("old-a-1")), (read.Type, read.Name, read.Parent, read.Id));
        Assert.Equal(Values.Object(("value", "known")), read.State);
        Assert.Equal([ScriptedMonitor.UrnOf("a")], read.Dependencies);
        Assert.Equal(["password"], read.Options.AdditionalSecretOutputs);
        Assert.DoesNotContain("r", monitor.Names);
        Assert.Equal("arn:r", monitor["b"].Inputs["value"]);
        Assert.Equal([ScriptedMonitor.UrnOf("r")], monitor["b"].PropertyDependencies["value"]);
    }

    [Fact]
    public async Task A_component_may_say_on_what_its_outputs_depend()
    {
        ScriptedMonitor monitor = new();
        monitor.Answers["g"] = resource => resource with
        {
            Outputs = Values.Object(("arns", Values.List("x", "y"))),
            Dependencies = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty.Add("arns", [ScriptedMonitor.UrnOf("child")]),
        };
        await RunAsync("resources: { g: { type: sample:Group }, b: { type: sample:Thing, properties: { value: '${g.arns[1]}' } } }", monitor);
        Assert.Equal("y", monitor["b"].Inputs["value"]);
        Assert.Equal([ScriptedMonitor.UrnOf("g", "sample:index:Group"), ScriptedMonitor.UrnOf("child")], monitor["b"].PropertyDependencies["value"]);
    }

    [Fact]
    public async Task Each_package_is_asked_once()
    {
        SamplePackages packages = new();
        await YamlProgram.ParseAsync("resources: { a: { type: sample:Thing }, b: { type: sample:Thing }, c: { type: sample:Thing, options: { version: 1.0.0 } } }", "Pulumi.yaml", packages, Cancellation);
        Assert.Equal([("sample", ""), ("sample", "1.0.0")], packages.Asked);
    }

    [Fact]
    public async Task A_program_can_run_again()
    {
        var program = await ParseAsync("resources: { a: { type: sample:Thing }, b: { type: sample:Thing, properties: { value: '${a.arn}' } } }");
        ScriptedMonitor preview = new(isPreview: true);
        await program.RunAsync(Context(isPreview: true), preview, Cancellation);
        ScriptedMonitor update = new();
        await program.RunAsync(Context(), update, Cancellation);
        Assert.Equal(UnknownValue.Text, preview["b"].Inputs["value"]);
        Assert.Equal("arn:a", update["b"].Inputs["value"]);
    }
}
