namespace Pulumi.Blanket.Engine.Tests;

public sealed class ProjectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_project_is_found_from_a_folder_below_it()
    {
        var project = Write("""
            name: shop
            description: sells things
            runtime:
              name: yaml
              options: {}
            main: program
            backend:
              url: file://./state
            stackConfigDir: stacks
            plugins:
              providers:
                - name: rec
                  path: ./bin/rec
            """);
        Directory.CreateDirectory(_folder["program/deep"]);
        var found = Project.Find(_folder["program/deep"]);
        Assert.Equal(project.File, found.File);
        Assert.Equal(("shop", "sells things"), (found.Name, found.Description));
        Assert.Equal(_folder.Path, found.Folder);
        Assert.Equal(_folder["program"], found.WorkingFolder);
        Assert.Equal(_folder["stacks/Pulumi.dev.yaml"], found.SettingsFile("dev"));
        Assert.Equal(new ProjectPlugin("rec", _folder["bin/rec"], ""), Assert.Single(found.Plugins));
        Assert.Equal(_folder["state"], BackendLocation.Find(found, "/", _ => null).Folder);
    }

    [Fact]
    public void Where_there_is_no_project_the_folder_is_named()
    {
        var fault = Assert.Throws<EngineException>(() => Project.Find(_folder.Path));
        Assert.Equal(EngineFailure.NotFound, fault.Reason);
        Assert.Contains(_folder.Path, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name: shop\nruntime: nodejs\n", "Pulumi.yaml:2:10: error: the runtime 'nodejs'")]
    [InlineData("name: shop\nruntime:\n  name: go\n", "Pulumi.yaml:3:3: error: the runtime 'go'")]
    [InlineData("name: a b\nruntime: yaml\n", "Pulumi.yaml:1:7: error: 'a b' is no name of a project")]
    [InlineData("runtime: yaml\n", "Pulumi.yaml:1:1: error: the project has no `name`")]
    [InlineData("name: shop\n", "the project has no `runtime`")]
    [InlineData("name: [\n", "Pulumi.yaml:2:1: error:")]
    [InlineData("- a\n", "not one mapping")]
    [InlineData("", "is empty")]
    [InlineData("name: shop\nruntime: yaml\nconfig:\n  a:\n    value: 1\n    default: 2\n", "Pulumi.yaml:5:5: error: the setting shop:a has both")]
    [InlineData("name: shop\nruntime: yaml\nconfig: [a]\n", "`config` is no mapping")]
    [InlineData("name: shop\nruntime: yaml\nplugins:\n  providers:\n    - name: x\n", "Pulumi.yaml:5:7: error: a plugin needs")]
    public void A_wrong_project_is_refused_with_the_place(string text, string expected)
        => Assert.Contains(expected, Assert.Throws<ProgramException>(() => Write(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
        => Assert.Equal(2, Assert.Throws<ProgramException>(() => Write("name: a b\nruntime: go\n")).Diagnostics.Length);

    [Fact]
    public void What_the_project_declares_reaches_its_stacks_unless_they_say_something_else()
    {
        var project = Write("""
            name: rec
            runtime: yaml
            config:
              count:
                type: integer
              pw:
                type: string
                secret: true
              greet:
                type: string
                default: hi
              version: 1.10
              other:region: eu
              list:
                value: [1, a]
            """);
        var merged = project.Merge(System.Collections.Immutable.ImmutableSortedDictionary<string, ConfigValue>.Empty.Add("rec:pw", new ConfigValue("x")).Add("rec:greet", new ConfigValue("hello")));
        Assert.Equal(
            ["other:region=eu False", "rec:greet=hello False", "rec:list=[1,\"a\"] False", "rec:pw=x True", "rec:version=1.10 False"],
            merged.Select(pair => $"{pair.Key}={pair.Value.Text} {pair.Value.IsSecret}"));
        Assert.Equal("integer", project.Settings["rec:count"].Type);
        Assert.Null(project.Settings["rec:count"].Value);
    }

    [Fact]
    public void States_are_where_the_environment_then_the_project_then_a_login_says()
    {
        var project = Write("name: shop\nruntime: yaml\n");
        Directory.CreateDirectory(_folder["home/.pulumi"]);
        Assert.Equal(_folder["home"], Find(project).Folder);
        File.WriteAllText(_folder["home/.pulumi/credentials.json"], """{"current":"https://api.pulumi.com","accessTokens":{}}""");
        Assert.Equal(_folder["home"], Find(project).Folder);
        File.WriteAllText(_folder["home/.pulumi/credentials.json"], """{"current":"file://~/states?no_tmp_dir=true"}""");
        Assert.Equal(_folder["home/states"], Find(project).Folder);
        Assert.Equal("/a/b", Find(project with { BackendUrl = "file:///a/b" }).Folder);
        var environment = Find(project with { BackendUrl = "file:///a/b" }, "file://./c");
        Assert.Equal(("/elsewhere/c", "PULUMI_BACKEND_URL"), (environment.Folder, environment.Source));

        var fault = Assert.Throws<EngineException>(() => Find(project, "s3://bucket?secret=x"));
        Assert.Contains("PULUMI_BACKEND_URL keeps states at s3://…", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("bucket", fault.Message, StringComparison.Ordinal);
        File.WriteAllText(_folder["home/.pulumi/credentials.json"], "{\"token");
        Assert.DoesNotContain("token", Assert.Throws<EngineException>(() => Find(project)).ToString().Split('\n')[0].Replace("tokens", "", StringComparison.Ordinal), StringComparison.Ordinal);

        BackendLocation Find(Project of, string? url = null)
            => BackendLocation.Find(of, "/elsewhere", name => name == BackendLocation.Variable ? url : name == "HOME" ? _folder["home"] : null);
    }

    [Fact]
    public void A_selected_stack_is_kept_where_Pulumi_keeps_it()
    {
        var project = Write("name: shop\nruntime: yaml\n");
        Func<string, string?> variables = name => name == "PULUMI_HOME" ? _folder["home"] : null;
        Assert.Null(StackSelection.Read(project, variables));
        StackSelection.Write(project, new StackReference("shop", "dev"), variables);
        var file = Assert.Single(Directory.GetFiles(_folder["home/workspaces"]));
        Assert.Matches("^shop-[0-9a-f]{40}-workspace.json$", Path.GetFileName(file));
        Assert.Equal("organization/shop/dev", StackSelection.Read(project, variables)!.FullName);

        // As Pulumi may write it, with what this command has no use for.
        File.WriteAllText(file, """{"stack": "prod", "other": 1}""");
        Assert.Equal("organization/shop/prod", StackSelection.Read(project, variables)!.FullName);
        StackSelection.Write(project, null, variables);
        Assert.Equal("""{"other":1}""", File.ReadAllText(file));
        Assert.Equal("organization/shop/test", StackSelection.Read(project, name => name == "PULUMI_STACK" ? "test" : variables(name))!.FullName);
    }

    private Project Write(string text)
    {
        File.WriteAllText(_folder["Pulumi.yaml"], text);
        return Project.Load(_folder["Pulumi.yaml"]);
    }
}
