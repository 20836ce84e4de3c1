using System.Diagnostics;
using System.Text.Json;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Files;
using Pulumi.Blanket.Probe;

namespace Pulumi.Blanket.Engine.Tests.Command;

/// <summary>The command as its users run it: exit codes, what it prints, what it asks for, how it is ended.</summary>
public sealed class CommandTests
{
    private const int Failure = 1;
    private const int Usage = 2;
    private const int Interrupted = 130;

    private const string Program = """
        config:
          size: {type: integer, default: 2}
        resources:
          a: {type: "probe:Thing", properties: {value: one, size: "${size}", password: {"fn::secret": hunter2}}}
          b: {type: "probe:Thing", properties: {value: "${a.arn}"}}
        outputs: {arn: "${b.arn}", password: "${a.password}"}
        """;

    [Fact]
    public async Task From_the_first_preview_to_the_stack_s_removal()
    {
        using CommandRun command = new();
        command.Write(Program);

        // A preview makes nothing at all.
        var preview = await command.RunWellAsync("preview");
        Assert.Contains("+ 3 to create", preview, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(command.States));
        Assert.False(File.Exists(Path.Combine(command.Folder, "Pulumi.dev.yaml")));

        // Nobody can be asked here.
        var (code, _, error) = await command.RunAsync("up");
        Assert.Equal(Usage, code);
        Assert.Contains("--yes", error, StringComparison.Ordinal);
        var up = await command.RunWellAsync("up", "--yes", "--config", "size=3");
        Assert.Contains("+ 3 created", up, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", up, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', up);
        Assert.DoesNotContain("hunter2", string.Concat(Directory.GetFiles(command.States, "*", SearchOption.AllDirectories).Select(File.ReadAllText)), StringComparison.Ordinal);

        // As a script reads it.
        using var digest = JsonDocument.Parse(await command.RunWellAsync("preview", "--json"));
        Assert.Equal(3, digest.RootElement.GetProperty("changeSummary").GetProperty("same").GetInt32());
        Assert.Equal("hunter2", (await command.RunWellAsync("stack", "output", "password", "--show-secrets")).Trim());
        Assert.Contains("\"password\": \"[secret]\"", await command.RunWellAsync("stack", "output", "--json"), StringComparison.Ordinal);
        await command.RunWellAsync("up", "--yes", "--skip-preview", "--expect-no-changes");
        Assert.Equal(Failure, (await command.RunAsync("preview", "--config", "size=4", "--expect-no-changes")).ExitCode);
        Assert.Contains("~size", await command.RunWellAsync("preview"), StringComparison.Ordinal);
        Assert.Contains("~ size: 3 => 4", await command.RunWellAsync("preview", "--diff"), StringComparison.Ordinal);

        await command.RunWellAsync("destroy", "--yes");
        Assert.Empty(Directory.GetFiles(command.World));
        await command.RunWellAsync("stack", "rm", "--yes");
        Assert.DoesNotContain("dev", await command.RunWellAsync("stack", "ls"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_goes_out_and_comes_back()
    {
        using CommandRun command = new();
        command.Write(Program);
        await command.RunWellAsync("up", "--yes", "--skip-preview");
        var file = Path.Combine(command.Folder, "export.json");
        await command.RunWellAsync("stack", "export", "--file", file);
        Assert.DoesNotContain("hunter2", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await command.RunWellAsync("stack", "rm", "--force", "--yes", "--preserve-config");
        await command.RunWellAsync("stack", "init", "dev");
        await command.RunWellAsync("stack", "import", "--file", file);
        await command.RunWellAsync("up", "--yes", "--skip-preview", "--expect-no-changes");

        // Another stack's state is not taken by mistake.
        await command.RunWellAsync("stack", "init", "other");
        var (code, _, error) = await command.RunAsync("stack", "import", "--file", file);
        Assert.Equal(Usage, code);
        Assert.Contains("--force", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_exists_is_imported_and_the_program_for_it_printed()
    {
        using CommandRun command = new();
        command.Write(Program);
        await command.RunWellAsync("up", "--yes", "--skip-preview");
        var id = command.ReadState().Resources.Single(resource => Urn.NameOf(resource.Urn) == "a").Id;
        await command.RunWellAsync("stack", "rm", "--force", "--yes");
        command.Write("resources: {}");
        var text = await command.RunWellAsync("import", "probe:Thing", "old", id, "--yes", "--skip-preview", "--protect=false");
        Assert.Contains("  old:\n    type: probe:Thing\n    properties:\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        var part = text[text.IndexOf("resources:", StringComparison.Ordinal)..];
        command.Write("config:\n  password: {type: string, secret: true}\n" + part);
        await command.RunWellAsync("config", "set", "--secret", "password", "hunter2");
        await command.RunWellAsync("up", "--yes", "--skip-preview", "--expect-no-changes");
        var (code, _, error) = await command.RunAsync("import", "probe:Thing", "none", "no-such-id", "--yes", "--skip-preview");
        Assert.Equal(Failure, code);
        Assert.DoesNotContain("please report", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("there is no Pulumi.yaml", "-C", "/tmp", "preview")]
    [InlineData("--parallel is at least 1", "preview", "--parallel", "0")]
    [InlineData("'--prallel'", "preview", "--prallel", "3")]
    [InlineData("there is no stack organization/test/none", "up", "--stack", "none", "--yes")]
    [InlineData("'thing' is no URN", "up", "--yes", "--target", "thing")]
    [InlineData("has no value; write KEY=VALUE", "up", "--yes", "--config", "size")]
    [InlineData("there is no folder", "--cwd", "/no/such/folder", "up")]
    [InlineData("there is no template 'nothing'", "new", "nothing")]
    [InlineData("has no stack", "ssh", "web")]
    [InlineData("give TYPE, NAME and ID", "import", "probe:Thing")]
    public async Task Wrong_words_are_answered_with_what_to_do(string answer, params string[] arguments)
    {
        using CommandRun command = new();
        command.Write(Program);
        var (code, output, error) = await command.RunAsync(arguments);
        Assert.Contains(answer, output + error, StringComparison.Ordinal);
        Assert.Equal(Usage, code);
        Assert.Empty(Directory.GetFileSystemEntries(command.World));
    }

    [Fact]
    public async Task Secrets_need_their_passphrase_before_anything_runs()
    {
        using CommandRun command = new();
        command.Write(Program);
        await command.RunWellAsync("up", "--yes", "--skip-preview");
        var made = Directory.GetFiles(command.World, "*.thing").Length;
        foreach (var (passphrase, answer) in ((string?, string)[])[("wrong", "passphrase is wrong"), (null, PassphraseSource.Variable)])
        {
            command.Environment[PassphraseSource.Variable] = passphrase;
            var (code, output, error) = await command.RunAsync("destroy", "--yes");
            Assert.Equal(Usage, code);
            Assert.Contains(answer, error, StringComparison.Ordinal);
            Assert.DoesNotContain("deleting", output, StringComparison.Ordinal);
        }

        Assert.Equal(made, Directory.GetFiles(command.World, "*.thing").Length);
    }

    [Fact]
    public async Task Two_runs_don_t_share_a_stack()
    {
        using CommandRun command = new();
        command.Write("""resources: {a: {type: "probe:Thing", properties: {delayMs: 6000}}}""");
        using var first = command.Start("up", "--yes", "--skip-preview");
        await WaitForLineAsync(first, "creating");
        var (code, _, error) = await command.RunAsync("up", "--yes", "--skip-preview");
        Assert.Equal(Failure, code);
        Assert.Contains($"(pid {first.Id})", error, StringComparison.Ordinal);
        await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, first.ExitCode);
    }

    [Fact]
    public async Task Interrupted_once_it_ends_cleanly_and_twice_at_once()
    {
        using CommandRun command = new();
        command.Write("""resources: {a: {type: "probe:Thing", properties: {delayMs: 60000}}}""");
        foreach (var times in (int[])[1, 2])
        {
            using var run = command.Start("up", "--yes", "--skip-preview");
            await WaitForLineAsync(run, "creating");
            for (var count = 0; count < times; count++)
            {
                using var kill = Process.Start("kill", ["-INT", $"{run.Id}"]);
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            }

            await run.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            Assert.Equal(Interrupted, run.ExitCode);
        }

        // Whatever it was at then, it can be gone on with.
        command.Write("""resources: {a: {type: "probe:Thing"}}""");
        await command.RunWellAsync("up", "--yes", "--skip-preview");
        Assert.Single(Directory.GetFiles(command.World, "*.thing"));
        Assert.Empty(command.ReadState().PendingOperations);
    }

    [Fact]
    public async Task Names_are_shown_as_they_are()
    {
        using CommandRun command = new();
        command.Write("""resources: {"x:key:[red]y": {type: "probe:Thing", properties: {size: -1}}}""");
        var (code, output, _) = await command.RunAsync("preview");
        Assert.Equal(Failure, code);
        Assert.Contains("probe:index:Thing x:key:[red]y", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_look_makes_nothing_and_a_mistyped_stack_is_none()
    {
        using CommandRun command = new();
        command.Write(Program);
        foreach (var look in (string[][])[["config"], ["config", "get", "size"], ["preview", "--stack", "typo", "--config", "size=3"], ["config", "set", "size", "3", "--stack", "typo"]])
        {
            var (code, _, error) = await command.RunAsync(look);
            Assert.Equal(Usage, code);
            Assert.Contains("stack init", error, StringComparison.Ordinal);
        }

        Assert.Equal(["Pulumi.yaml", "states", "world"], Directory.GetFileSystemEntries(command.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Another_project_s_stack_takes_no_settings_along()
    {
        using CommandRun command = new();
        command.Write(Program);
        await command.RunWellAsync("stack", "init", "dev");
        var settings = await File.ReadAllTextAsync(Path.Combine(command.Folder, "Pulumi.dev.yaml"), TestContext.Current.CancellationToken);
        new FileBackend(command.States).Create(new StackReference("other", "dev"), null);
        await command.RunWellAsync("stack", "rm", "organization/other/dev", "--yes");
        Assert.Equal(settings, await File.ReadAllTextAsync(Path.Combine(command.Folder, "Pulumi.dev.yaml"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_wrong_program_is_told_with_its_places_and_changes_nothing()
    {
        using CommandRun command = new();
        command.Write("""resources: {a: {type: "probe:Thing", properties: {sise: 3}}, b: {type: "probe:Think"}}""");
        var (code, _, error) = await command.RunAsync("up", "--yes");
        Assert.Equal(Usage, code);
        Assert.Contains("Pulumi.yaml:7:", error, StringComparison.Ordinal);
        Assert.Contains("'size'", error, StringComparison.Ordinal);
        Assert.Contains("probe:Thing", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(command.World));
    }

    private static async Task WaitForLineAsync(Process process, string text)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"it ended without saying '{text}': {await process.StandardError.ReadToEndAsync(limit.Token)}");
    }
}
