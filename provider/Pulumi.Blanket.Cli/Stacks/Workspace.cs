using System.Collections.Immutable;
using System.CommandLine;
using Pulumi.Blanket.Engine;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Engine.States;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Stacks;

/// <summary>The project that a command is about, where its states are, and who may be asked.</summary>
internal sealed class Workspace
{
    /// <summary>The stack that is made where there is none yet.</summary>
    public const string FirstStack = "dev";

    private readonly string? _wanted;
    private readonly Lazy<FileBackend> _backend;

    private Workspace(ParseResult parsed, string? folder)
    {
        Folder = Path.GetFullPath(folder ?? parsed.GetValue(StackOptions.Folder) ?? ".");

        // Who names one there means it no less: another is not to be taken in its place.
        _wanted = parsed.GetValue(StackOptions.Stack) ?? (Environment.GetEnvironmentVariable(StackSelection.Variable) is { Length: > 0 } named ? named : null);
        if (!Directory.Exists(Folder))
        {
            throw new EngineException(EngineFailure.InvalidInput, $"there is no folder {Folder}; --cwd names one that exists");
        }

        IsInteractive = !parsed.GetValue(StackOptions.NonInteractive) && !Console.IsInputRedirected && !Console.IsErrorRedirected;
        Passphrase = new PassphraseSource(Environment.GetEnvironmentVariable, IsInteractive ? AskPassphrase : null);
        ProjectOrNone = Engine.Projects.Project.FindFile(Folder) is { } file ? Engine.Projects.Project.Load(file) : null;
        _backend = new Lazy<FileBackend>(() => new FileBackend(BackendLocation.Find(ProjectOrNone, Folder, Environment.GetEnvironmentVariable).Folder));
    }

    public string Folder { get; }

    public bool IsInteractive { get; }

    public PassphraseSource Passphrase { get; }

    /// <summary>Null outside of any project.</summary>
    public Project? ProjectOrNone { get; }

    public Project Project => ProjectOrNone ?? Engine.Projects.Project.Find(Folder);

    public FileBackend Backend => _backend.Value;

    /// <param name="folder">Another one than --cwd or the current.</param>
    public static Workspace Open(ParseResult parsed, string? folder = null) => new(parsed, folder);

    /// <summary>Plugins of the project, of this program's folder, of Pulumi's.</summary>
    public PluginSource CreatePlugins() => new(CreateFinder());

    public PluginFinder CreateFinder()
    {
        var named = ProjectOrNone?.Plugins.ToImmutableSortedDictionary(plugin => plugin.Name, plugin => Path.GetFullPath(plugin.Path, ProjectOrNone.Folder), StringComparer.Ordinal)
            ?? ImmutableSortedDictionary<string, string>.Empty;
        return new PluginFinder(named, AppContext.BaseDirectory.TrimEnd('/'), PulumiHome.Find(Environment.GetEnvironmentVariable));
    }

    /// <summary>The stack that is meant: the named one, the selected one, the only one.</summary>
    /// <exception cref="EngineException">It can't be told which.</exception>
    public StackReference FindStack()
    {
        if (FindStackOrNone() is { } stack)
        {
            return stack;
        }

        var stacks = Backend.List(Project.Name);
        throw new EngineException(EngineFailure.NotFound, stacks.IsEmpty
            ? $"the project {Project.Name} has no stack in {Backend.Root}; `blanket up` makes one, or `blanket stack init NAME`"
            : $"no stack is selected; name one with --stack, or select it with `blanket stack select`: {string.Join(", ", stacks.Select(one => one.Stack.Stack))}");
    }

    /// <summary>As above, but where the project has none, a first one is made.</summary>
    public StackReference FindOrMakeStack()
    {
        if (FindStackOrNone() is not { } stack)
        {
            if (!Backend.List(Project.Name).IsEmpty)
            {
                return FindStack();
            }

            stack = new StackReference(Project.Name, FirstStack);
            MakeStack(stack);
            Consoles.Error.SayLine($"[grey]made the stack '{stack.Stack}' in {Backend.Root}[/]");
        }

        return stack;
    }

    /// <summary>As above, but a first one is only named: a preview makes nothing.</summary>
    /// <exception cref="EngineException">The named stack is not there.</exception>
    public StackReference FindOrNameStack()
        => _wanted is not null && FindStackOrNone() is { } named && !Backend.Exists(named)
            ? throw new EngineException(EngineFailure.NotFound, $"there is no stack {named} in {Backend.Root}; `blanket stack init {named.Stack}` makes it")
            : FindStackOrNone() ?? (Backend.List(Project.Name).IsEmpty ? new StackReference(Project.Name, FirstStack) : FindStack());

    /// <summary>Makes a stack, with what its secrets are sealed with, and selects it.</summary>
    public void MakeStack(StackReference stack)
    {
        var settings = SettingsOf(stack);
        var secrets = settings.EnsureSecrets(Passphrase);
        Backend.Create(stack, secrets);
        settings.Save();
        StackSelection.Write(Project, stack, Environment.GetEnvironmentVariable);
    }

    /// <exception cref="EngineException">The stack is another project's, whose settings are not here.</exception>
    public StackSettings SettingsOf(StackReference stack)
        => stack.Project == Project.Name
            ? StackSettings.Load(Project.SettingsFile(stack.Stack), Project.Name)
            : throw new EngineException(EngineFailure.InvalidInput, $"the stack {stack} is of the project {stack.Project}, and here is {Project.Name}; go to its project's folder, or name that with --cwd");

    /// <summary>Asks before what can't be taken back.</summary>
    /// <exception cref="EngineException">Nobody can be asked.</exception>
    public bool Confirm(string question, string flag)
        => IsInteractive
            ? Consoles.Error.Confirm(question, defaultValue: false)
            : throw new EngineException(EngineFailure.InvalidInput, $"nobody can be asked here; give {flag} to go on without a question");

    private StackReference? FindStackOrNone()
    {
        if (_wanted is not null)
        {
            return StackReference.Parse(_wanted, ProjectOrNone?.Name);
        }

        if (StackSelection.Read(Project, Environment.GetEnvironmentVariable) is { } selected && Backend.Exists(selected))
        {
            return selected;
        }

        return Backend.List(Project.Name) is [var only] ? only.Stack : null;
    }

    private static string? AskPassphrase(string question) => Consoles.Error.Prompt(new TextPrompt<string>($"{question}:").Secret().AllowEmpty());
}
