using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Engine.Tests.Support;
using Pulumi.Blanket.Files;

namespace Pulumi.Blanket.Engine.Tests.Projects;

/// <summary>A project is found from where one stands, and its mistakes are told with their places.</summary>
public sealed class ProjectTests : IDisposable
{
    private static readonly ImmutableSortedDictionary<string, ConfigValue> NoSettings = ImmutableSortedDictionary<string, ConfigValue>.Empty;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string[]> Mistakes => new()
    {
        { "", ["Pulumi.yaml:1:1: error: the project's file is empty; it has at least `name` and `runtime: yaml`"] },
        { "# nothing\n", ["Pulumi.yaml:1:1: error: the project's file is empty; it has at least `name` and `runtime: yaml`"] },
        { "description: x\n", ["Pulumi.yaml:1:1: error: the project has no `name`", "Pulumi.yaml:1:1: error: the project has no `runtime`; write `runtime: yaml`"] },
        { "runtime: yaml\n", ["Pulumi.yaml:1:1: error: the project has no `name`"] },
        { "runtime: yaml\nname: my shop\n", ["Pulumi.yaml:2:7: error: 'my shop' is no name of a project; it has 1 to 100 letters, digits, hyphens, underscores and periods"] },
        { "name: shop\nruntime: nodejs\n", ["Pulumi.yaml:2:10: error: the runtime 'nodejs' is not known here: this command runs programs in YAML only; use Pulumi for this project"] },
        { "name: shop\nruntime:\n  name: python\n", ["Pulumi.yaml:3:3: error: the runtime 'python' is not known here: this command runs programs in YAML only; use Pulumi for this project"] },
        { "name: shop\nruntime: [yaml]\n", ["Pulumi.yaml:2:10: error: the project has no `runtime`; write `runtime: yaml`"] },
        { "name: [shop]\nruntime: yaml\n", ["Pulumi.yaml:1:7: error: `name` is no text", "Pulumi.yaml:1:1: error: the project has no `name`"] },
        { "name: shop\nruntime: yaml\nconfig: [a]\n", ["Pulumi.yaml:3:9: error: `config` is no mapping; it has lines such as `key: value`"] },
        { "name: shop\nruntime: yaml\nconfig:\n  a:b:c:d: 1\n", ["Pulumi.yaml:4:3: error: 'a:b:c:d' is no key of a setting; write <name>, or <namespace>:<name>"] },
        { "name: shop\nruntime: yaml\nconfig:\n  a: { value: 1, default: 2 }\n", ["Pulumi.yaml:4:6: error: the setting shop:a has both `value` and `default`; keep one of them"] },
        { "name: shop\nruntime: yaml\nconfig:\n  a: { secret: sure }\n", ["Pulumi.yaml:4:16: error: the setting shop:a has a `secret` that is neither true nor false"] },
        { "name: shop\nruntime: yaml\nconfig:\n  a: { value: { secure: 'v1:x' } }\n", ["Pulumi.yaml:4:15: error: the setting shop:a has a sealed value, which only a stack can open; set it with `blanket config set --secret a`"] },
        { "name: shop\nruntime: yaml\nplugins:\n  providers:\n    - name: x\n", ["Pulumi.yaml:5:7: error: a plugin needs `name` and `path`"] },
        { "name: shop\nruntime: { name: yaml, options: { compiler: \"cue 'x\", binary: y } }\n", ["Pulumi.yaml:2:55: error: the option 'binary' of the runtime is not known here; of a runtime's options only `compiler` is; use Pulumi for this project", "Pulumi.yaml:2:45: error: `compiler` is no command; write a program and its arguments, with quotes closed"] },
        { "name: shop\nruntime: yaml\noptions: { refresh: sometimes }\n", ["Pulumi.yaml:3:21: error: the project's option `refresh` is 'sometimes'; it can be `always`, or be left out"] },
        { "name: shop\nname: shop\nruntime: yaml\n", ["Pulumi.yaml:2:1: error: Duplicate key name"] },
        { "- name: shop\n", ["Pulumi.yaml:1:1: error: not one mapping, lines such as `key: value`"] },
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_project_is_found_from_the_folders_below_it()
    {
        Directory.CreateDirectory(_folder["a/b"]);
        File.WriteAllText(_folder["Pulumi.yaml"], "name: outer\nruntime: yaml\n");
        Assert.Equal(_folder["Pulumi.yaml"], Project.Find(_folder["a/b"]).File);
        File.WriteAllText(_folder["a/Pulumi.yml"], "name: inner\nruntime: { name: yaml }\n");
        var project = Project.Find(_folder["a/b"]);
        Assert.Equal("inner", project.Name);
        Assert.Equal(_folder["a"], project.Folder);
        Assert.Equal(_folder["a"], project.WorkingFolder);
    }

    [Fact]
    public void Where_there_is_none_that_is_said()
    {
        Assert.Null(Project.FindFile(_folder.Path));
        var fault = Assert.Throws<EngineException>(() => Project.Find(_folder.Path));
        Assert.Equal(EngineFailure.NotFound, fault.Reason);
        Assert.Contains($"no Pulumi.yaml in {_folder.Path}", fault.Message, StringComparison.Ordinal);
        Assert.Equal(EngineFailure.NotFound, Assert.Throws<EngineException>(() => Project.Load(_folder["Pulumi.yaml"])).Reason);
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Mistakes_are_told_with_their_places(string text, string[] expected)
        => Assert.Equal(expected, Assert.Throws<ProgramException>(() => Load(text)).Diagnostics.Select(diagnostic => diagnostic.ToString()));

    [Fact]
    public void What_is_no_YAML_is_told_with_its_place()
        => Assert.Equal((3, "Pulumi.yaml"), Assert.Single(Assert.Throws<ProgramException>(() => Load("name: shop\nruntime: yaml\n  main: : x\n")).Diagnostics) is var one ? (one.Line, one.File) : default);

    [Fact]
    public void What_a_project_says_is_read()
    {
        Directory.CreateDirectory(_folder["program"]);
        var project = Load(
            """
            name: shop.web_1
            runtime:
              name: yaml
              options: { compiler: none }
            description: A shop
            main: program
            backend: { url: file://./state }
            stackConfigDir: stacks
            author: someone
            plugins:
              providers:
                - { name: blanket, path: ../bin, version: 1.2.3 }
                - { name: other, path: /opt/other }
            """);
        Assert.Equal(("shop.web_1", "A shop", "file://./state"), (project.Name, project.Description, project.BackendUrl));
        Assert.Equal(_folder["program"], project.WorkingFolder);
        Assert.Equal(_folder["stacks/Pulumi.dev.yaml"], project.SettingsFile("dev"));
        Assert.Equal(
            [new ProjectPlugin("blanket", Path.GetFullPath("../bin", _folder.Path), "1.2.3"), new ProjectPlugin("other", "/opt/other", "")],
            project.Plugins);
    }

    [Fact]
    public void The_settings_of_a_stack_stand_beside_the_project_and_the_shorter_ending_is_known()
    {
        var project = Load("name: shop\nruntime: yaml\n");
        Assert.Equal(_folder["Pulumi.dev.yaml"], project.SettingsFile("dev"));
        File.WriteAllText(_folder["Pulumi.dev.yml"], "");
        Assert.Equal(_folder["Pulumi.dev.yml"], project.SettingsFile("dev"));
        File.WriteAllText(_folder["Pulumi.dev.yaml"], "");
        Assert.Equal(_folder["Pulumi.dev.yaml"], project.SettingsFile("dev"));
        Assert.Equal(_folder["old/Pulumi.dev.yaml"], Load("name: shop\nruntime: yaml\nconfig: old\n").SettingsFile("dev"));
    }

    [Fact]
    public void What_a_stack_does_not_say_the_project_does()
    {
        var project = Load(
            """
            name: shop
            runtime: yaml
            config:
              short: text
              version: 1.10
              size: { type: integer, default: 3 }
              fixed: { value: true }
              password: { type: string, secret: true }
              token: { default: t, secret: true }
              list: { type: array, items: { type: string }, default: [a, 'b'] }
              plain: [1, x]
              needed: { type: string }
              empty:
              blanket:region: eu
              blanket:zone: { value: { a: 1 } }
            """);
        Assert.Equal(("integer", false), project.Settings["shop:size"] is var size ? (size.Type, size.IsSecret) : default);
        Assert.Null(project.Settings["shop:needed"].Value);
        Assert.Equal(
            [
                "blanket:region=eu", "blanket:zone={\"a\":1} object", "shop:fixed=true", "shop:list=[\"a\",\"b\"] object", "shop:plain=[1,\"x\"] object",
                "shop:short=text", "shop:size=3", "shop:token=t secret", "shop:version=1.10",
            ],
            Words(project.Merge(NoSettings)));
        Assert.Equal(
            ["blanket:region=us", "other:x=y", "shop:password=in the clear secret", "shop:size=4 secret"],
            Words(project.Merge(NoSettings
                .Add("shop:size", new ConfigValue("4", IsSecret: true))
                .Add("blanket:region", new ConfigValue("us"))
                .Add("other:x", new ConfigValue("y"))
                .Add("shop:password", new ConfigValue("in the clear")))).Where(word => word.Split('=')[0] is "shop:size" or "blanket:region" or "other:x" or "shop:password"));
    }

    private static IEnumerable<string> Words(IEnumerable<KeyValuePair<string, ConfigValue>> settings)
        => settings.Select(setting => $"{setting.Key}={setting.Value.Text}{(setting.Value.IsSecret ? " secret" : "")}{(setting.Value.IsObject ? " object" : "")}");

    private Project Load(string text)
    {
        File.WriteAllText(_folder["Pulumi.yaml"], text);
        return Project.Load(_folder["Pulumi.yaml"]);
    }
}
