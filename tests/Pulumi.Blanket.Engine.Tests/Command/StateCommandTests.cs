using System.Text.Json.Nodes;

namespace Pulumi.Blanket.Engine.Tests.Command;

/// <summary><c>blanket state</c>: what it changes, what it refuses, and that nothing but the state changes.</summary>
public sealed class StateCommandTests
{
    private const int Failure = 1;
    private const int Usage = 2;

    private const string Program = """
        resources:
          a: {type: "probe:Thing", properties: {value: one}, options: {protect: true}}
          b: {type: "probe:Thing", properties: {value: "${a.arn}"}}
        """;

    [Fact]
    public async Task A_resource_is_taken_out_renamed_and_unprotected()
    {
        using CommandRun command = new();
        command.Write(Program);
        await command.RunWellAsync("up", "--yes", "--skip-preview");
        var things = Directory.GetFiles(command.World, "*.thing");

        // What others depend on, what is protected, what is not there, and what nobody said yes to.
        await RefusedAsync(command, "b depends on", "state", "delete", "a", "--yes");
        await RefusedAsync(command, "is protected", "state", "delete", "a", "--target-dependents", "--yes");
        await RefusedAsync(command, "did you mean 'b'?", "state", "delete", "bb", "--yes");
        await RefusedAsync(command, "give --yes", "state", "delete", "b");
        await RefusedAsync(command, "has urn:pulumi:dev::test::probe:index:Thing::b already", "state", "rename", "a", "b", "--yes");
        Assert.Equal(2, command.ReadState().Resources.Count(resource => resource.Type == "probe:index:Thing"));

        await command.RunWellAsync("state", "rename", "a", "first", "--yes");
        var state = command.ReadState();
        var renamed = state.Resources.Single(resource => Urn.NameOf(resource.Urn) == "first");
        Assert.Equal([renamed.Urn], state.Resources.Single(resource => Urn.NameOf(resource.Urn) == "b").Dependencies);
        command.Write(Program.Replace("a:", "first:", StringComparison.Ordinal).Replace("${a.", "${first.", StringComparison.Ordinal));
        await command.RunWellAsync("up", "--yes", "--skip-preview", "--expect-no-changes");

        await command.RunWellAsync("state", "unprotect", "--all", "--yes");
        Assert.DoesNotContain(command.ReadState().Resources, resource => resource.Protect);
        Assert.Contains("there is nothing to change", await command.RunWellAsync("state", "unprotect", "first", "--yes"), StringComparison.Ordinal);
        await command.RunWellAsync("state", "delete", renamed.Urn, "--target-dependents", "--yes");
        Assert.DoesNotContain(command.ReadState().Resources, resource => resource.Type == "probe:index:Thing");
        Assert.Equal(things, Directory.GetFiles(command.World, "*.thing"));
    }

    [Fact]
    public async Task A_state_that_is_not_whole_is_told_not_worked_on_and_repaired()
    {
        using CommandRun command = new();
        command.Write(Program);
        await command.RunWellAsync("up", "--yes", "--skip-preview");
        var exported = JsonNode.Parse(await command.RunWellAsync("stack", "export"))!;
        var resources = exported["deployment"]!["resources"]!.AsArray();
        var last = resources[^1]!;
        resources.RemoveAt(resources.Count - 1);
        resources.Insert(0, last);
        last["dependencies"]!.AsArray().Add("urn:pulumi:dev::test::probe:index:Thing::gone");
        var file = Path.Combine(command.Folder, "state.json");
        await File.WriteAllTextAsync(file, exported.ToJsonString(), TestContext.Current.CancellationToken);

        await RefusedAsync(command, "stands before its provider", "stack", "import", "--file", file);
        await command.RunWellAsync("stack", "import", "--force", "--file", file);
        foreach (var verb in (string[][])[["preview"], ["destroy", "--yes"]])
        {
            var (code, _, error) = await command.RunAsync(verb);
            Assert.Equal(Failure, code);
            Assert.Contains("`blanket state repair`", error, StringComparison.Ordinal);
        }

        var (_, _, told) = await command.RunAsync("state", "repair", "--yes");
        Assert.Contains("Thing::gone, on which it depends, is not there, and no more named", told, StringComparison.Ordinal);
        await command.RunWellAsync("up", "--yes", "--skip-preview", "--expect-no-changes");
        Assert.Contains("there is nothing to change", await command.RunWellAsync("state", "repair", "--yes"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stack_is_renamed_with_all_that_is_its_own()
    {
        using CommandRun command = new();
        command.Write(Program);
        await command.RunWellAsync("config", "set", "size", "3");
        await command.RunWellAsync("up", "--yes", "--skip-preview", "--message", "the first");
        await command.RunWellAsync("stack", "rename", "prod");
        Assert.False(File.Exists(Path.Combine(command.Folder, "Pulumi.dev.yaml")));
        Assert.Contains("the first", await command.RunWellAsync("stack", "history"), StringComparison.Ordinal);
        Assert.Contains("\"create\": 3", await command.RunWellAsync("stack", "history", "--json"), StringComparison.Ordinal);
        await command.RunWellAsync("up", "--yes", "--skip-preview", "--expect-no-changes");
        Assert.DoesNotContain("::test-dev", await command.RunWellAsync("stack", "export"), StringComparison.Ordinal);
        Assert.DoesNotContain("dev", await command.RunWellAsync("stack", "ls"), StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(CommandRun command, string reason, params IEnumerable<string> arguments)
    {
        var (code, _, error) = await command.RunAsync(arguments);
        Assert.Equal(Usage, code);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }
}
