using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Pulumi.Blanket.Cli.Display;
using Pulumi.Blanket.Engine;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Values;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Stacks;

/// <summary><c>blanket stack …</c>: the stacks themselves, and their states.</summary>
internal static class StackCommand
{
    public static Command Create()
    {
        Command command = new("stack", "Stacks and their states; alone, what the stack has") { List(), Init(), Select(), Output(), Export(), Import(), History(), Rename(), Remove() };
        command.SetAction((parsed, _) => Task.FromResult(Show(Workspace.Open(parsed))));
        return command;
    }

    /// <summary><c>blanket cancel</c>: takes a lock away that nobody will give back.</summary>
    public static Command CreateCancel()
    {
        Command command = new("cancel", "Take away the stack's lock, which a run on another machine left") { StackOptions.Yes };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var workspace = Workspace.Open(parsed);
            var stack = workspace.FindStack();
            if (!parsed.GetValue(StackOptions.Yes) && !workspace.Confirm($"Is nobody working on {stack.Stack} any more?", "--yes"))
            {
                return ExitCodes.Failure;
            }

            var count = await workspace.Backend.CancelAsync(stack, cancellationToken);
            Consoles.Output.WriteLine(count == 0 ? $"the stack {stack.Stack} was not locked" : $"took away {count} lock{(count == 1 ? "" : "s")} of the stack {stack.Stack}");
            return ExitCodes.Success;
        });
        return command;
    }

    private static int Show(Workspace workspace)
    {
        var stack = workspace.FindStack();
        var resources = workspace.Backend.Load(stack, workspace.Passphrase).Snapshot.Resources;
        Consoles.Output.SayLine($"[bold]{stack.Stack}[/] of {stack.Project}, in {workspace.Backend.Root}");
        Tree tree = new($"{resources.Length} resources");
        Dictionary<string, IHasTreeNodes> nodes = [];
        foreach (var resource in resources)
        {
            var parent = nodes.GetValueOrDefault(resource.Parent, tree);
            nodes[resource.Urn] = parent.AddNode(StyledText.Of($"[grey]{resource.Type}[/] {Urn.NameOf(resource.Urn)}{(resource.Delete ? " (to be deleted)" : "")}{(resource.InitErrors.IsEmpty ? "" : " (not finished)")}"));
        }

        Consoles.Output.Write(tree);
        foreach (var (name, value) in OutputsOf(resources))
        {
            Consoles.Output.WriteLine($"{name}: {ValueText.Long(value, 0)}");
        }

        return ExitCodes.Success;
    }

    private static Command List()
    {
        Option<bool> all = new("--all", "-a") { Description = "Of all projects" };
        Command command = new("ls", "List the project's stacks") { all, StackOptions.Json };
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Open(parsed);
            var stacks = workspace.Backend.List(parsed.GetValue(all) ? null : workspace.Project.Name);
            var selected = workspace.ProjectOrNone is { } project ? StackSelection.Read(project, Environment.GetEnvironmentVariable) : null;
            if (parsed.GetValue(StackOptions.Json))
            {
                WriteJson(json =>
                {
                    json.WriteStartArray();
                    foreach (var one in stacks)
                    {
                        json.WriteStartObject();
                        json.WriteString("name", one.Stack.FullName);
                        json.WriteBoolean("current", one.Stack == selected);
                        if (one.LastUpdate is { } time)
                        {
                            json.WriteString("lastUpdate", time.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
                        }

                        json.WriteBoolean("updateInProgress", one.IsLocked);
                        if (one.ResourceCount is { } count)
                        {
                            json.WriteNumber("resourceCount", count);
                        }

                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                });
                return ExitCodes.Success;
            }

            var table = new Table { Border = TableBorder.None }.AddColumns("NAME", "LAST UPDATE", "RESOURCES");
            foreach (var one in stacks)
            {
                var name = (parsed.GetValue(all) ? one.Stack.FullName : one.Stack.Stack) + (one.Stack == selected ? "*" : "");
                table.AddRow(Markup.Escape(name), one.IsLocked ? "in progress" : one.LastUpdate?.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) ?? "never", $"{one.ResourceCount?.ToString(CultureInfo.InvariantCulture) ?? "?"}");
            }

            Consoles.Output.Write(table);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Init()
    {
        Argument<string?> name = new("name") { Description = "The new stack's name", Arity = ArgumentArity.ZeroOrOne };
        Command command = new("init", "Make a stack, and select it") { name };
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Open(parsed);
            var wanted = parsed.GetValue(name) ?? parsed.GetValue(StackOptions.Stack) ?? throw new EngineException(EngineFailure.InvalidInput, "how shall the stack be named? give NAME");
            var stack = StackReference.Parse(wanted, workspace.Project.Name);
            workspace.MakeStack(stack);
            Consoles.Output.WriteLine($"made the stack {stack.Stack}, and selected it");
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Select()
    {
        Argument<string?> name = new("name") { Description = "The stack", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> create = new("--create") { Description = "Make it if it is not there" };
        Command command = new("select", "Say which stack the commands mean where none is named") { name, create };
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Open(parsed);
            var wanted = parsed.GetValue(name) ?? parsed.GetValue(StackOptions.Stack) ?? throw new EngineException(EngineFailure.InvalidInput, "which stack? give NAME; `blanket stack ls` lists them");
            var stack = StackReference.Parse(wanted, workspace.Project.Name);
            if (workspace.Backend.Exists(stack))
            {
                StackSelection.Write(workspace.Project, stack, Environment.GetEnvironmentVariable);
            }
            else if (parsed.GetValue(create))
            {
                workspace.MakeStack(stack);
            }
            else
            {
                throw new EngineException(EngineFailure.NotFound, $"there is no stack {stack} in {workspace.Backend.Root}; --create makes it");
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Output()
    {
        Argument<string?> name = new("name") { Description = "One output alone", Arity = ArgumentArity.ZeroOrOne };
        Command command = new("output", "Show the stack's outputs") { name, StackOptions.Json, StackOptions.ShowSecrets };
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Open(parsed);
            var stack = workspace.FindStack();
            var outputs = OutputsOf(workspace.Backend.Load(stack, workspace.Passphrase).Snapshot.Resources)
                .Select(output => (output.Key, Value: parsed.GetValue(StackOptions.ShowSecrets) ? Secrets.Open(output.Value) : output.Value)).ToList();
            if (parsed.GetValue(name) is { } wanted)
            {
                var value = outputs.Where(output => output.Key == wanted).Select(output => output.Value).FirstOrDefault()
                    ?? throw new EngineException(EngineFailure.NotFound, $"the stack {stack.Stack} has no output '{wanted}'; it has {(outputs.Count == 0 ? "none" : string.Join(", ", outputs.Select(output => output.Key)))}");
                if (parsed.GetValue(StackOptions.Json))
                {
                    WriteJson(json => JsonValues.Write(json, value));
                }
                else
                {
                    // As it is, so that a shell can use it.
                    Console.WriteLine(value is StringValue text ? text.Text : ValueText.Long(value, 0));
                }

                return ExitCodes.Success;
            }

            if (parsed.GetValue(StackOptions.Json))
            {
                WriteJson(json => JsonValues.Write(json, new ObjectValue(outputs.Select(output => KeyValuePair.Create(output.Key, output.Value)))));
                return ExitCodes.Success;
            }

            foreach (var (key, value) in outputs)
            {
                Console.WriteLine($"{key}: {ValueText.Long(value, 0)}");
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Export()
    {
        Option<string?> file = new("--file") { Description = "Write into this file" };
        Command command = new("export", "Print the stack's state, as Pulumi would") { file, StackOptions.ShowSecrets };
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Open(parsed);
            var stack = workspace.FindStack();
            var checkpoint = workspace.Backend.Load(stack, workspace.Passphrase);
            var json = new CheckpointWriter(stack.FullName, checkpoint.Secrets, checkpoint).Export(checkpoint.Snapshot, parsed.GetValue(StackOptions.ShowSecrets));
            if (parsed.GetValue(file) is not { } path)
            {
                using var output = Console.OpenStandardOutput();
                output.Write(json);
                return ExitCodes.Success;
            }

            using FileStream stream = new(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
            stream.Write(json);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Import()
    {
        Option<string?> file = new("--file") { Description = "Read from this file (default: standard input)" };
        Option<bool> force = new("--force", "-f") { Description = "Even if the state is another stack's, or not whole" };
        Command command = new("import", "Take an exported state for the stack's own") { file, force };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var workspace = Workspace.Open(parsed);
            var stack = workspace.FindOrMakeStack();
            var path = parsed.GetValue(file);
            byte[] bytes;
            if (path is null)
            {
                using MemoryStream buffer = new();
                await Console.OpenStandardInput().CopyToAsync(buffer, cancellationToken);
                bytes = buffer.ToArray();
            }
            else
            {
                bytes = File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellationToken) : throw new EngineException(EngineFailure.NotFound, $"there is no file {path}");
            }

            var imported = new CheckpointReader(workspace.Passphrase).Read(bytes, path ?? "standard input");
            var foreign = imported.Snapshot.Resources.FirstOrDefault(resource => Urn.StackNameOf(resource.Urn) != stack.Stack || Urn.ProjectOf(resource.Urn) != stack.Project);
            if (foreign is not null && !parsed.GetValue(force))
            {
                throw new EngineException(EngineFailure.InvalidInput, $"the state has {foreign.Urn}, which is not of the stack {stack}; --force takes it all the same");
            }

            if (SnapshotIntegrity.FaultsOf(imported.Snapshot) is { IsEmpty: false } faults && !parsed.GetValue(force))
            {
                throw new EngineException(EngineFailure.InvalidInput, $"the state is not whole: {SnapshotIntegrity.Describe(faults)}; --force takes it all the same, and `blanket state repair` then puts it right where it can");
            }

            using var held = workspace.Backend.Lock(stack, text => Consoles.Error.SayLine($"[yellow]{text}[/]"));
            var current = workspace.Backend.Load(stack, workspace.Passphrase);
            var settings = workspace.SettingsOf(stack);
            var secrets = settings.EnsureSecrets(workspace.Passphrase, current.Secrets);
            settings.Save();
            await using var writer = workspace.Backend.OpenWriter(stack, secrets, imported, allowsFaults: parsed.GetValue(force));
            await writer.WriteAsync(() => imported.Snapshot);
            Consoles.Output.WriteLine($"the stack {stack.Stack} has {imported.Snapshot.Resources.Length} resources now");
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command History()
    {
        Command command = new("history", "What was done to the stack, the last first") { StackOptions.Json };
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Open(parsed);
            var updates = workspace.Backend.History(workspace.FindStack());
            if (parsed.GetValue(StackOptions.Json))
            {
                WriteJson(json =>
                {
                    json.WriteStartArray();
                    foreach (var update in updates)
                    {
                        json.WriteStartObject();
                        json.WriteString("kind", update.Kind);
                        json.WriteString("startTime", update.Start.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
                        json.WriteString("message", update.Message);
                        json.WriteString("result", update.Result);
                        json.WriteString("endTime", update.End.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
                        json.WriteStartObject("resourceChanges");
                        foreach (var (kind, count) in update.ResourceChanges)
                        {
                            json.WriteNumber(kind, count);
                        }

                        json.WriteEndObject();
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                });
                return ExitCodes.Success;
            }

            var table = new Table { Border = TableBorder.None }.AddColumns("WHEN", "WHAT", "RESULT", "CHANGES", "MESSAGE");
            foreach (var update in updates)
            {
                table.AddRow(
                    update.Start.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture), Markup.Escape(update.Kind), Markup.Escape(update.Result),
                    Markup.Escape(string.Join(", ", update.ResourceChanges.Where(change => change.Value > 0).Select(change => $"{change.Value} {change.Key}"))), Markup.Escape(update.Message));
            }

            Consoles.Output.Write(table);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Rename()
    {
        Argument<string> name = new("name") { Description = "The stack's new name" };
        Command command = new("rename", "Give the stack another name, with its settings and history") { name };
        command.SetAction(async (parsed, _) =>
        {
            var workspace = Workspace.Open(parsed);
            var stack = workspace.FindStack();
            var to = StackReference.Parse(parsed.GetRequiredValue(name), stack.Project);
            if (to.Project != stack.Project)
            {
                throw new EngineException(EngineFailure.InvalidInput, $"the stack {stack} can't become one of the project {to.Project}; a program's resources are named after its project");
            }

            workspace.SettingsOf(stack);
            var isSelected = StackSelection.Read(workspace.Project, Environment.GetEnvironmentVariable) == stack;
            await workspace.Backend.RenameAsync(
                stack, to, workspace.Passphrase, (workspace.Project.SettingsFile(stack.Stack), workspace.Project.SettingsFile(to.Stack)), text => Consoles.Error.SayLine($"[yellow]{text}[/]"));
            if (isSelected)
            {
                StackSelection.Write(workspace.Project, to, Environment.GetEnvironmentVariable);
            }

            Consoles.Output.WriteLine($"the stack {stack.Stack} is {to.Stack} now");
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Remove()
    {
        Argument<string?> name = new("name") { Description = "The stack (default: the selected one)", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> force = new("--force", "-f") { Description = "Even if it has resources, which are nobody's then" };
        Option<bool> keep = new("--preserve-config") { Description = "Keep its settings' file" };
        Command command = new("rm", "Remove a stack") { name, force, keep, StackOptions.Yes };
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Open(parsed);
            var stack = parsed.GetValue(name) is { } wanted ? StackReference.Parse(wanted, workspace.ProjectOrNone?.Name) : workspace.FindStack();
            if (!parsed.GetValue(StackOptions.Yes) && !workspace.Confirm($"Remove the stack {stack.Stack}, its history and settings?", "--yes"))
            {
                return ExitCodes.Failure;
            }

            // Another project's stack may have the name of one here, whose settings are not its own.
            var own = workspace.ProjectOrNone is { } project && project.Name == stack.Project ? project : null;
            workspace.Backend.Remove(stack, parsed.GetValue(force), parsed.GetValue(keep) ? null : own?.SettingsFile(stack.Stack));
            Consoles.Output.WriteLine($"removed the stack {stack.Stack}");
            return ExitCodes.Success;
        });
        return command;
    }

    private static ImmutableSortedDictionary<string, PropertyValue> OutputsOf(IEnumerable<ResourceState> resources)
        => resources.FirstOrDefault(resource => resource.Type == Urn.StackType)?.Outputs.Properties ?? ObjectValue.Empty.Properties;

    private static void WriteJson(Action<Utf8JsonWriter> write)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true }))
        {
            write(json);
        }

        Console.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
