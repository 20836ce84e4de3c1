using System.Text;

namespace Pulumi.Blanket.Engine.Tests.Command;

/// <summary>
/// Secrets that are marked go in by every way there is, and all that the command prints and leaves on disk is searched for them. Only the provider's own
/// world may have them, and what was asked for with --show-secrets.
/// </summary>
public sealed class SecretTests
{
    // Longer than anything that could be there by chance; none of them needs quoting anywhere.
    private static readonly string[] Marks = ["MarkOfConfig7f3a", "MarkOfFunction91bc", "MarkOfSchema22de", "MarkOfProvider5a0e", "MarkOfComponent83cc", "MarkOfInvoke4417", "MarkOfDefault6bb1", "MarkOfNested0d9f", "MarkOfKey77e2"];

    [Fact]
    public async Task No_secret_reaches_anything_in_the_clear()
    {
        using CommandRun command = new();
        StringBuilder printed = new();
        command.Write(Program("one"));
        await RunAsync("config", "set", "--secret", "word", Marks[0]);
        await RunAsync("preview", "--diff");
        await RunAsync("preview", "--json");
        await RunAsync("up", "--yes", "--diff");
        await RunAsync("stack");
        await RunAsync("stack", "output");
        await RunAsync("stack", "output", "--json");
        await RunAsync("stack", "export");
        await RunAsync("config");

        // Who asks is shown them.
        var shown = await command.RunWellAsync("stack", "export", "--show-secrets");
        Assert.All(Marks.Except([Marks[5]]), mark => Assert.Contains(mark, shown, StringComparison.Ordinal));

        // Changed, replaced, failed, drifted, renamed, made anew, and gone.
        command.Write(Program("two"));
        await RunAsync("preview", "--json");
        await RunAsync("up", "--yes", "--diff", "--message", "changed");
        command.Write(Program("two", "fail: update, size: 9"));
        await FailAsync("up", "--yes", "--diff", "--refresh");
        command.Write(Program("two", "size: -1"));
        await FailAsync("up", "--yes", "--diff");
        foreach (var thing in Directory.GetFiles(command.World, "*.thing"))
        {
            await File.WriteAllTextAsync(thing, (await File.ReadAllTextAsync(thing, TestContext.Current.CancellationToken)).Replace("two", "drifted", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        }

        await RunAsync("refresh", "--yes", "--diff");
        command.Write(Program("two"));
        await RunAsync("up", "--yes", "--skip-preview");
        await RunAsync("state", "rename", "plain", "renamed", "--yes");
        await RunAsync("up", "--yes", "--diff");
        var id = command.ReadState().Resources.Single(resource => Urn.NameOf(resource.Urn) == "schema").Id;
        await RunAsync("state", "delete", "schema", "--yes");
        await RunAsync("import", "probe:index:Thing", "taken", id, "--yes");
        await RunAsync("state", "unprotect", "--all", "--yes");
        await RunAsync("destroy", "--yes", "--diff");

        var found = Marks.Where(mark => printed.ToString().Contains(mark, StringComparison.Ordinal) || printed.ToString().Contains(Convert.ToBase64String(Encoding.UTF8.GetBytes(mark)), StringComparison.Ordinal)).ToList();
        Assert.True(found.Count == 0, $"{string.Join(", ", found)} stands in\n{string.Join("\n", printed.ToString().Split('\n').Where(line => found.Any(mark => line.Contains(mark, StringComparison.Ordinal))))}");
        foreach (var file in Directory.EnumerateFiles(command.Folder, "*", SearchOption.AllDirectories).Where(file => !file.StartsWith(command.World, StringComparison.Ordinal) && Path.GetFileName(file) != "Pulumi.yaml"))
        {
            var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            Assert.DoesNotContain(Marks, mark => text.Contains(mark, StringComparison.Ordinal));
        }

        Task RunAsync(params string[] arguments) => RunToAsync(false, arguments);

        Task FailAsync(params string[] arguments) => RunToAsync(true, arguments);

        async Task RunToAsync(bool fails, string[] arguments)
        {
            var (code, output, error) = await command.RunAsync(arguments);
            Assert.True(code == 0 == !fails, $"`blanket {string.Join(' ', arguments)}` ended with {code}: {output}\n{error}");
            printed.AppendLine($"$ blanket {string.Join(' ', arguments.Where(argument => !Marks.Contains(argument)))}").AppendLine(output).AppendLine(error);
        }
    }

    private static string Program(string value, string more = "size: 2") => $$$$$"""
        config:
          word: {type: string, secret: true}
          standard: {type: string, secret: true, default: {{{{{Marks[6]}}}}}}
        variables:
          marked: {"fn::secret": {{{{{Marks[1]}}}}}}
          echoed: {"fn::invoke": {function: "probe:echo", arguments: {text: {"fn::secret": {{{{{Marks[5]}}}}}}}}}
        resources:
          p: {type: "pulumi:providers:probe", properties: {region: {"fn::secret": {{{{{Marks[3]}}}}}}}}
          plain: {type: "probe:Thing", properties: {value: "${marked}-{{{{{value}}}}}", {{{{{more}}}}}}}
          config: {type: "probe:Thing", properties: {value: "${word}", tags: {a: "${standard}", b: {{{{{value}}}}}}}}
          schema: {type: "probe:Thing", properties: {password: {{{{{Marks[2]}}}}}, value: {{{{{value}}}}}}}
          nested: {type: "probe:Thing", properties: {items: ["a", {"fn::secret": "{{{{{Marks[7]}}}}}-{{{{{value}}}}}"}], zone: {{{{{value}}}}}}}
          keyed: {type: "probe:Thing", properties: {tags: {"${key}": x}}}
          other: {type: "probe:Thing", properties: {value: "${echoed.echo}-{{{{{value}}}}}"}, options: {provider: "${p}"}}
          group: {type: "probe:Group", properties: {count: 1, value: {"fn::secret": "{{{{{Marks[4]}}}}}-{{{{{value}}}}}"}}}
        outputs: {word: "${word}", nested: {deep: ["${schema.password}"]}, all: "${plain}", length: {"fn::toJSON": "${nested.items}"}}
        """.Replace("variables:", $"variables:\n  key: {{\"fn::secret\": {Marks[8]}}}", StringComparison.Ordinal);
}
