using System.CommandLine;
using Pulumi.Blanket.Engine;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Engine.States;
using Spectre.Console;
using YamlDotNet.RepresentationModel;

namespace Pulumi.Blanket.Cli.Stacks;

/// <summary><c>blanket new [TEMPLATE]</c>: a project to start from, with its first stack and settings.</summary>
internal static class NewCommand
{
    private const string DefaultTemplate = "three-clouds";

    public static Command Create()
    {
        Argument<string?> template = new("template") { Description = $"What to start from (default: {DefaultTemplate})", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> name = new("--name", "-n") { Description = "The project's name (default: the folder's)" };
        Option<string?> folder = new("--dir") { Description = "Make the project in this folder" };
        Option<bool> force = new("--force", "-f") { Description = "Write over what is in the folder" };
        Option<bool> list = new("--list-templates") { Description = "List the templates" };
        Option<bool> generateOnly = new("--generate-only", "-g") { Description = "Make no stack, ask for no settings" };
        Command command = new("new", "Make a project from a template") { template, name, folder, force, list, generateOnly, StackOptions.Yes, StackOptions.Config };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(list))
            {
                foreach (var one in Templates.Names)
                {
                    Console.WriteLine(one);
                }

                return ExitCodes.Success;
            }

            var wanted = parsed.GetValue(template) ?? DefaultTemplate;
            if (!Templates.Names.Contains(wanted))
            {
                throw new EngineException(EngineFailure.NotFound, $"there is no template '{wanted}'; there are {string.Join(", ", Templates.Names)}");
            }

            var target = Path.GetFullPath(parsed.GetValue(folder) ?? ".", Path.GetFullPath(parsed.GetValue(StackOptions.Folder) ?? "."));
            var project = parsed.GetValue(name) ?? Path.GetFileName(target.TrimEnd('/'));
            Write(wanted, target, project, parsed.GetValue(force));
            Consoles.Output.SayLine($"made the project [bold]{project}[/] in {target}");
            if (!parsed.GetValue(generateOnly))
            {
                MakeStack(parsed, target);
            }

            Consoles.Output.MarkupLine("[grey]next:[/] blanket up");
            return ExitCodes.Success;
        });
        return command;
    }

    private static void Write(string template, string target, string project, bool force)
    {
        // The rules for names are those of stacks' references.
        _ = new StackReference(project, Workspace.FirstStack);
        Directory.CreateDirectory(target);
        if (!force && Directory.EnumerateFileSystemEntries(target).Any(entry => !Path.GetFileName(entry).StartsWith('.')))
        {
            throw new EngineException(EngineFailure.InvalidInput, $"{target} is not empty; give another folder with --dir, or --force to write over what is there");
        }

        foreach (var (path, text) in Templates.FilesOf(template))
        {
            var file = Path.Combine(target, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, Project.FileNames.Contains(path) ? Named(text, project) : text);
        }
    }

    // The name stands on a line of its own, at the margin.
    private static string Named(string text, string project)
        => string.Join('\n', text.Split('\n').Select(line => line.StartsWith("name: ", StringComparison.Ordinal) ? $"name: {project}" : line));

    private static void MakeStack(ParseResult parsed, string target)
    {
        var workspace = Workspace.Open(parsed, target);
        var stack = parsed.GetValue(StackOptions.Stack) is { } wanted ? StackReference.Parse(wanted, workspace.Project.Name) : new StackReference(workspace.Project.Name, Workspace.FirstStack);
        if (!workspace.Backend.Exists(stack))
        {
            workspace.MakeStack(stack);
            Consoles.Output.SayLine($"made the stack [bold]{stack.Stack}[/] in {workspace.Backend.Root}");
        }

        var settings = workspace.SettingsOf(stack);
        var given = (parsed.GetValue(StackOptions.Config) ?? []).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.Length > 1 ? pair[1] : "");
        foreach (var (key, question, fallback, isSecret) in Questions(workspace.Project.File))
        {
            var value = given.GetValueOrDefault(key)
                ?? (workspace.IsInteractive && !parsed.GetValue(StackOptions.Yes) ? Ask($"{key}: {question}", fallback, isSecret) : null);
            if (!string.IsNullOrEmpty(value))
            {
                settings.Set(key, value, isSecret ? settings.EnsureSecrets(workspace.Passphrase) : null);
            }
            else if (fallback is null)
            {
                Consoles.Output.SayLine($"[grey]to be set:[/] blanket config set {(isSecret ? "--secret " : "")}{key} … [grey]({question})[/]");
            }
        }

        settings.Save();
    }

    private static string Ask(string question, string? fallback, bool isSecret)
    {
        var prompt = new TextPrompt<string>(Markup.Escape(question)).AllowEmpty();
        if (fallback is not null)
        {
            prompt.DefaultValue(fallback);
        }

        return Consoles.Error.Prompt(isSecret ? prompt.Secret() : prompt);
    }

    // As Pulumi's templates have them: template.config.KEY: { description, default, secret }.
    private static IEnumerable<(string Key, string Question, string? Default, bool IsSecret)> Questions(string file)
    {
        YamlStream yaml = [];
        using StreamReader reader = new(file);
        yaml.Load(reader);
        if (yaml.Documents[0].RootNode is not YamlMappingNode root || Child(Child(root, "template"), "config") is not YamlMappingNode config)
        {
            yield break;
        }

        foreach (var (key, value) in config.Children)
        {
            yield return (
                ((YamlScalarNode)key).Value!,
                (Child(value, "description") as YamlScalarNode)?.Value ?? "",
                (Child(value, "default") as YamlScalarNode)?.Value,
                (Child(value, "secret") as YamlScalarNode)?.Value == "true");
        }
    }

    private static YamlNode? Child(YamlNode? node, string name)
        => node is YamlMappingNode mapping && mapping.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null;
}
