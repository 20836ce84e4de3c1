using Pulumi.Blanket.Engine.Programs;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;
using static Pulumi.Blanket.Engine.Tests.Programs.TestPrograms;

namespace Pulumi.Blanket.Engine.Tests.Programs;

/// <summary>Settings reach a program as what it declares them to be.</summary>
public sealed class ConfigTests
{
    public static TheoryData<string, ConfigValue?, PropertyValue> Settings => new()
    {
        { "{ type: string }", new ConfigValue("5"), "5" },
        { "{ type: integer }", new ConfigValue("5"), 5 },
        { "{ type: number }", new ConfigValue("2.5"), 2.5 },
        { "{ type: boolean }", new ConfigValue("true"), true },
        { "{ type: array, items: { type: integer } }", new ConfigValue("[1,2]", IsObject: true), Values.List(1, 2) },
        { "{ type: array, items: { type: array, items: { type: string } } }", new ConfigValue("[[\"a\"]]", IsObject: true), Values.List(Values.List("a")) },
        { "{ type: object }", new ConfigValue("{\"a\":{\"b\":null}}", IsObject: true), Values.Object(("a", Values.Object(("b", NullValue.Instance)))) },
        { "{ type: String }", new ConfigValue("x"), "x" },
        { "{ type: List<Number> }", new ConfigValue("[1]", IsObject: true), Values.List(1) },
        { "{ type: string }", new ConfigValue("x", IsSecret: true), Values.Secret("x") },
        { "{ type: integer, secret: true }", new ConfigValue("1"), Values.Secret(1) },
        { "{ type: integer, default: 3 }", null, 3 },
        { "{ type: integer, default: 3 }", new ConfigValue("4"), 4 },
        { "{ type: string, value: 3 }", null, "3" },
        { "{ default: 3, secret: true }", null, Values.Secret(3) },
        { "{ default: true }", new ConfigValue("false"), false },
        { "{ default: [a] }", null, Values.List("a") },
        { "{ description: No type is text. }", new ConfigValue("7"), "7" },
        { "short", null, "short" },
        { "7", new ConfigValue("8"), 8 },
    };

    [Theory]
    [MemberData(nameof(Settings), DisableDiscoveryEnumeration = true)]
    public async Task A_setting_has_its_type(string declaration, ConfigValue? given, PropertyValue expected)
    {
        var monitor = await RunAsync($"config: {{ it: {declaration} }}\noutputs: {{ result: '${{it}}' }}", config: given is null ? [] : [("proj:it", given)]);
        Assert.Equal(expected, monitor.StackOutputs["result"]);
    }

    [Fact]
    public async Task A_setting_of_another_namespace_is_taken_as_it_is()
    {
        const string Text = "config: { 'sample:region': { type: string } }\noutputs: { result: '${sample:region}' }";
        Assert.Equal("eu", (await RunAsync(Text, config: ("sample:region", new ConfigValue("eu")))).StackOutputs["result"]);
        Assert.Equal(NullValue.Instance, (await RunAsync(Text)).StackOutputs["result"]);
    }

    [Fact]
    public async Task A_setting_by_its_full_name_needs_no_declaration()
    {
        const string Text = "outputs: { region: '${sample:region}', user: '${proj:user}' }";
        var monitor = await RunAsync(Text, config: [("sample:region", new ConfigValue("eu")), ("proj:user", new ConfigValue("me", IsSecret: true))]);
        Assert.Equal(("eu", Values.Secret("me")), (monitor.StackOutputs["region"], monitor.StackOutputs["user"]));
        var fault = await Assert.ThrowsAsync<ProgramException>(() => RunAsync(Text, config: ("sample:region", new ConfigValue("eu"))));
        Assert.Contains("the stack 'dev' has no value for the setting 'proj:user'", Assert.Single(fault.Diagnostics).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_older_section_is_read_too()
        => Assert.Equal(2, (await RunAsync("configuration: { n: { type: Integer, default: 2 } }\noutputs: { n: '${n}' }")).StackOutputs["n"]);

    [Fact]
    public async Task What_is_missing_is_told_at_once_and_with_the_command_that_sets_it()
    {
        ScriptedMonitor monitor = new();
        var program = await ParseAsync("config:\n  count: { type: integer }\n  pw: { secret: true }\n  list: { type: array }\nresources: { a: { type: sample:Thing } }");
        var fault = await Assert.ThrowsAsync<ProgramException>(() => program.RunAsync(Context(), monitor, Cancellation));
        Assert.Equal(
            [
                "Pulumi.yaml:2:3: error: the stack 'dev' has no value for the setting 'count', which has no default; set it: blanket config set count VALUE",
                "Pulumi.yaml:3:3: error: the stack 'dev' has no value for the setting 'pw', which has no default; set it: blanket config set --secret pw VALUE",
                "Pulumi.yaml:4:3: error: the stack 'dev' has no value for the setting 'list', which has no default; set it: blanket config set list JSON",
            ], fault.Diagnostics.Select(diagnostic => diagnostic.ToString()));
        Assert.Empty(monitor.Goals);
    }

    [Fact]
    public async Task What_is_of_another_type_is_told_and_a_secret_is_not_shown()
        => Assert.Equal("""
            Pulumi.yaml:2:3: error: the setting 'count' must be a whole number and is 'many'; set it again: blanket config set count VALUE
            Pulumi.yaml:3:3: error: the setting 'pin' must be a whole number; set it again: blanket config set --secret pin VALUE
            Pulumi.yaml:4:3: error: the setting 'list' must be a list, each item a whole number and is '["a"]'; set it again: blanket config set list JSON
            """, await MistakesAsync("config:\n  count: { type: integer }\n  pin: { type: integer, secret: true }\n  list: { type: array, items: { type: integer } }",
            ("proj:count", new ConfigValue("many")), ("proj:pin", new ConfigValue("hush", IsSecret: true)), ("proj:list", new ConfigValue("[\"a\"]", IsObject: true))));
}
