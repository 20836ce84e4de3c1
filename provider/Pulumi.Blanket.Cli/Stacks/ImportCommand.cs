using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Pulumi.Blanket.Engine;
using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Engine.States;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Stacks;

/// <summary><c>blanket import TYPE NAME ID</c>: resources that exist become the stack's, and the program that says so is printed.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        Argument<string?> type = new("type") { Description = "The resource's type, such as blanket:index:VirtualMachine", Arity = ArgumentArity.ZeroOrOne };
        Argument<string?> name = new("name") { Description = "The name that it gets in the program", Arity = ArgumentArity.ZeroOrOne };
        Argument<string?> id = new("id") { Description = "The id by which its provider knows it", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> parent = new("--parent") { Description = "URN of its parent" };
        Option<string?> provider = new("--provider") { Description = "URN of its provider (default: the default one)" };
        Option<bool> protect = new("--protect") { Description = "Protect it from being deleted", DefaultValueFactory = _ => true };
        Option<string?> file = new("--file") { Description = "Many at once: JSON, {\"resources\":[{\"type\",\"name\",\"id\"}, …]}" };
        Option<string?> output = new("--out", "-o") { Description = "Write the program's part into this file" };
        Option<bool> code = new("--generate-code") { Description = "Print the program's part", DefaultValueFactory = _ => true };
        Command command = new("import", "Take resources that exist into the stack")
        {
            type, name, id, parent, provider, protect, file, output, code,
            StackOptions.Yes, StackOptions.SkipPreview, StackOptions.Diff, StackOptions.Parallel, StackOptions.Message,
        };
        command.SetAction((parsed, _) =>
        {
            var imports = parsed.GetValue(file) is { } path
                ? ReadFile(path, parsed.GetValue(protect))
                : (parsed.GetValue(type), parsed.GetValue(name), parsed.GetValue(id)) is ({ } token, { } called, { } known)
                    ? [new ImportRequest(FullToken(token), called, known, parsed.GetValue(parent) ?? "", parsed.GetValue(provider) ?? "", parsed.GetValue(protect))]
                    : throw new EngineException(EngineFailure.InvalidInput, "what is to be imported? give TYPE, NAME and ID, or --file");
            return new DeploymentRun(DeploymentKind.Import, ("Previewing import", "Importing"), "Do you want to import this?", "resource-import")
            {
                Imports = imports,
                Finish = (result, stack) =>
                {
                    if (parsed.GetValue(code))
                    {
                        Show(result, stack, imports, parsed.GetValue(output));
                    }
                },
            }.RunAsync(parsed);
        });
        return command;
    }

    // `pkg:Type` is short for `pkg:index:Type`, as in programs.
    private static string FullToken(string token) => token.Split(':') switch
    {
        [var package, var name] => $"{package}:index:{name}",
        [_, _, _] => token,
        _ => throw new EngineException(EngineFailure.InvalidInput, $"'{token}' is no type; write it like blanket:index:VirtualMachine"),
    };

    private static ImmutableArray<ImportRequest> ReadFile(string path, bool protect)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return [.. json.RootElement.GetProperty("resources").EnumerateArray().Select(resource => new ImportRequest(
                FullToken(resource.GetProperty("type").GetString()!), resource.GetProperty("name").GetString()!, resource.GetProperty("id").GetString()!, Protect: protect))];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new EngineException(EngineFailure.InvalidInput, $"--file {path} can't be used: {fault.Message} It is JSON of the form {{\"resources\":[{{\"type\":…,\"name\":…,\"id\":…}}]}}", fault);
        }
    }

    private static void Show(DeploymentResult result, StackReference stack, ImmutableArray<ImportRequest> imports, string? output)
    {
        var names = imports.Select(import => (import.Type, import.Name)).ToHashSet();
        var program = ProgramText.Of(result.Snapshot.Resources.Where(resource => resource.Custom && names.Contains((resource.Type, Urn.NameOf(resource.Urn)))));
        if (output is not null)
        {
            File.WriteAllText(output, program);
            return;
        }

        Consoles.Error.WriteLine($"Put this into the program of {stack.Project}; without it the next `up` would delete what was imported:");
        Consoles.Error.WriteLine();
        Console.Write(program);
    }
}
