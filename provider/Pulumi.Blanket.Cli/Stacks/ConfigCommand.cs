using System.CommandLine;
using System.Text;
using System.Text.Json;
using Pulumi.Blanket.Engine;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Engine.States;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Stacks;

/// <summary><c>blanket config …</c>: the stack's settings, in <c>Pulumi.&lt;stack&gt;.yaml</c>.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        Command command = new("config", "The stack's settings; alone, all of them") { Set(), Get(), Remove(), StackOptions.Json, StackOptions.ShowSecrets };
        command.SetAction(parsed =>
        {
            var (workspace, _, settings) = Open(parsed);
            var show = parsed.GetValue(StackOptions.ShowSecrets);

            // What is not shown needs no passphrase.
            var values = workspace.Project.Merge(show ? settings.Open(settings.OpenSecrets(workspace.Passphrase)) : settings.Hide());
            if (parsed.GetValue(StackOptions.Json))
            {
                Console.WriteLine(ToJson(values, show));
                return ExitCodes.Success;
            }

            var table = new Table { Border = TableBorder.None }.AddColumns("KEY", "VALUE");
            foreach (var (key, value) in values)
            {
                var shown = key.StartsWith($"{workspace.Project.Name}:", StringComparison.Ordinal) ? key[(workspace.Project.Name.Length + 1)..] : key;
                table.AddRow(Markup.Escape(shown), Markup.Escape(value.IsSecret && !show ? StackSettings.Hidden : value.Text));
            }

            Consoles.Output.Write(table);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Set()
    {
        Argument<string> key = new("key") { Description = "The setting: NAME of the project's own, or NAMESPACE:NAME, such as blanket:user" };
        Argument<string?> value = new("value") { Description = "Its value (default: standard input, so that a secret stands in no shell's history)", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> secret = new("--secret") { Description = "Seal it with the stack's passphrase" };
        Option<bool> plaintext = new("--plaintext") { Description = "Keep it in the clear (the default)" };
        Option<bool> path = new("--path") { Description = "KEY is a path into a list or map, such as names[0] or limits.memory" };
        Command command = new("set", "Set a setting") { key, value, secret, plaintext, path };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (workspace, _, settings) = Open(parsed, makes: true);
            var text = parsed.GetValue(value);
            if (text is null)
            {
                text = workspace.IsInteractive
                    ? Prompt($"{parsed.GetValue(key)}:", parsed.GetValue(secret))
                    : (await Console.In.ReadToEndAsync(cancellationToken)).TrimEnd('\n', '\r');
            }

            var secrets = parsed.GetValue(secret) ? settings.EnsureSecrets(workspace.Passphrase) : null;
            if (parsed.GetValue(path))
            {
                settings.SetPath(parsed.GetRequiredValue(key), text, secrets);
            }
            else
            {
                settings.Set(parsed.GetRequiredValue(key), text, secrets);
            }

            settings.Save();
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Get()
    {
        Argument<string> key = new("key") { Description = "The setting" };
        Command command = new("get", "Print a setting, a secret too") { key, StackOptions.Json };
        command.SetAction(parsed =>
        {
            var (workspace, stack, settings) = Open(parsed);
            var wanted = parsed.GetRequiredValue(key);
            var value = settings.Get(wanted, settings.OpenSecrets(workspace.Passphrase))
                ?? workspace.Project.Settings.GetValueOrDefault(ConfigKey.Full(wanted, workspace.Project.Name))?.Value
                ?? throw new EngineException(EngineFailure.NotFound, $"the stack {stack.Stack} has no setting '{wanted}'; `blanket config set {wanted} VALUE` sets it");

            Console.WriteLine(parsed.GetValue(StackOptions.Json) ? ToJson(value, show: true) : value.Text);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Remove()
    {
        Argument<string> key = new("key") { Description = "The setting" };
        Option<bool> path = new("--path") { Description = "KEY is a path into a list or map" };
        Command command = new("rm", "Remove a setting") { key, path };
        command.SetAction(parsed =>
        {
            var (_, stack, settings) = Open(parsed);
            var wanted = parsed.GetRequiredValue(key);
            if (!(parsed.GetValue(path) ? settings.RemovePath(wanted) : settings.Remove(wanted)))
            {
                throw new EngineException(EngineFailure.NotFound, $"the stack {stack.Stack} has no setting '{wanted}'");
            }

            settings.Save();
            return ExitCodes.Success;
        });
        return command;
    }

    /// <param name="makes">Where the project has no stack yet, its first one is made; a look makes none.</param>
    private static (Workspace Workspace, StackReference Stack, StackSettings Settings) Open(ParseResult parsed, bool makes = false)
    {
        var workspace = Workspace.Open(parsed);
        var stack = makes ? workspace.FindOrMakeStack() : workspace.FindStack();

        // No settings' file for a name that was mistyped.
        return !workspace.Backend.Exists(stack)
            ? throw new EngineException(EngineFailure.NotFound, $"there is no stack {stack} in {workspace.Backend.Root}; `blanket stack init {stack.Stack}` makes it")
            : (workspace, stack, workspace.SettingsOf(stack));
    }

    private static string Prompt(string question, bool secret)
    {
        var prompt = new TextPrompt<string>(Markup.Escape(question)).AllowEmpty();
        return Consoles.Error.Prompt(secret ? prompt.Secret() : prompt);
    }

    private static string ToJson(IEnumerable<KeyValuePair<string, ConfigValue>> values, bool show) => Json(json =>
    {
        json.WriteStartObject();
        foreach (var (key, value) in values)
        {
            json.WritePropertyName(key);
            Write(json, value, show);
        }

        json.WriteEndObject();
    });

    private static string ToJson(ConfigValue value, bool show) => Json(json => Write(json, value, show));

    // The form of `pulumi config --json`.
    private static void Write(Utf8JsonWriter json, ConfigValue value, bool show)
    {
        json.WriteStartObject();
        if (show || !value.IsSecret)
        {
            json.WriteString("value", value.Text);
            if (value.IsObject)
            {
                json.WritePropertyName("objectValue");
                json.WriteRawValue(value.Text);
            }
        }

        json.WriteBoolean("secret", value.IsSecret);
        json.WriteEndObject();
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true }))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
