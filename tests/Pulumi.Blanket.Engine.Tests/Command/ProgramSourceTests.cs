namespace Pulumi.Blanket.Engine.Tests.Command;

/// <summary>Where the program comes from, and that none of the ways to overlook it deletes a stack.</summary>
public sealed class ProgramSourceTests
{
    private const int Failure = 1;
    private const int Usage = 2;

    private const string Thing = """{"resources": {"a": {"type": "probe:Thing", "properties": {"value": "one"}}}}""";

    [Theory]
    [InlineData("Main.yaml")]
    [InlineData("Main.json")]
    public async Task A_program_of_its_own_stands_beside_the_project_s_file(string name)
    {
        using CommandRun command = new();
        command.Write("");
        await File.WriteAllTextAsync(Path.Combine(command.Folder, name), Thing, TestContext.Current.CancellationToken);
        await command.RunWellAsync("up", "--yes", "--skip-preview");
        Assert.Single(Directory.GetFiles(command.World, "*.thing"));
    }

    [Fact]
    public async Task A_compiler_prints_it()
    {
        using CommandRun command = new();
        var script = Path.Combine(command.Folder, "my compiler");
        await File.WriteAllTextAsync(script, $"#!/bin/sh\ntest \"$1\" = 'two words' || exit 3\necho \"told $PULUMI_PROJECT/$PULUMI_STACK\" >&2\ntest -z \"$FAILS\" || exit 7\ncat <<'END'\n{Thing}\nEND\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        command.Write("");
        var project = Path.Combine(command.Folder, "Pulumi.yaml");
        await File.WriteAllTextAsync(
            project,
            (await File.ReadAllTextAsync(project, TestContext.Current.CancellationToken)).Replace("runtime: yaml", "runtime: {name: yaml, options: {compiler: \"'./my compiler' 'two words'\"}}", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        await command.RunWellAsync("up", "--yes", "--skip-preview");
        Assert.Single(Directory.GetFiles(command.World, "*.thing"));

        // One that fails leaves everything as it is, and says what it said.
        command.Environment["FAILS"] = "yes";
        var (code, _, error) = await command.RunAsync("up", "--yes", "--skip-preview");
        Assert.NotEqual(0, code);
        Assert.Contains("exit code 7: told test/dev", error, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(command.World, "*.thing"));
    }

    [Fact]
    public async Task A_program_that_lost_its_resources_deletes_nothing()
    {
        using CommandRun command = new();
        command.Write($"resources: {{a: {{type: 'probe:Thing', properties: {{value: one}}}}}}");
        await command.RunWellAsync("up", "--yes", "--skip-preview");
        command.Write("");
        foreach (var arguments in (string[][])[["up", "--yes", "--skip-preview"], ["preview"]])
        {
            var (code, _, error) = await command.RunAsync(arguments);
            Assert.Equal(Usage, code);
            Assert.Contains("has no resources, and the stack dev has 1", error, StringComparison.Ordinal);
        }

        Assert.Single(Directory.GetFiles(command.World, "*.thing"));
        await command.RunWellAsync("destroy", "--yes");
        Assert.Empty(Directory.GetFiles(command.World, "*.thing"));

        // Without anything to lose it is a program like others.
        await command.RunWellAsync("up", "--yes", "--skip-preview");
    }

    [Fact]
    public async Task A_target_that_is_nowhere_is_an_error()
    {
        using CommandRun command = new();
        command.Write("resources: {web: {type: 'probe:Thing', properties: {value: one}}}");
        await command.RunWellAsync("up", "--yes", "--skip-preview");
        foreach (var verb in (string[])["up", "destroy", "refresh"])
        {
            var (code, output, error) = await command.RunAsync(verb, "--yes", "--skip-preview", "--target", "**::wep");
            Assert.Equal(Failure, code);
            Assert.Contains("the target '**::wep' is no resource of the stack", output + error, StringComparison.Ordinal);
            Assert.Contains("did you mean 'web'?", output + error, StringComparison.Ordinal);
        }

        Assert.Single(Directory.GetFiles(command.World, "*.thing"));
        await command.RunWellAsync("up", "--yes", "--skip-preview", "--target", "**::web");
    }

    [Fact]
    public async Task A_project_can_ask_for_a_refresh_each_time()
    {
        using CommandRun command = new();
        command.Write("options: {refresh: always}\nresources: {web: {type: 'probe:Thing', properties: {value: one}}}");
        await command.RunWellAsync("up", "--yes", "--skip-preview");
        File.Delete(Directory.GetFiles(command.World, "*.thing").Single());
        await command.RunWellAsync("up", "--yes", "--skip-preview", "--refresh=false", "--expect-no-changes");
        await command.RunWellAsync("up", "--yes", "--skip-preview");
        Assert.Single(Directory.GetFiles(command.World, "*.thing"));
    }
}
