using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs;
using Pulumi.Blanket.Engine.States;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Pulumi.Blanket.Engine.Projects;

/// <summary>Reads a project's file, and collects all that is wrong with it.</summary>
internal sealed class ProjectReader(string file)
{
    private readonly List<ProgramDiagnostic> _diagnostics = [];

    public Project Read()
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new EngineException(EngineFailure.NotFound, $"the project's file {file} could not be read: {fault.Message}", fault);
        }

        Project? project = null;
        try
        {
            if (YamlText.Parse(text).Root is { } root)
            {
                project = Read(root);
            }
            else
            {
                Report(Mark.Empty, "the project's file is empty", "it has at least `name` and `runtime: yaml`");
            }
        }
        catch (YamlException fault)
        {
            Report(fault.Start, fault.InnerException?.Message ?? fault.Message);
        }

        return _diagnostics.Count == 0 ? project! : throw new ProgramException([.. _diagnostics]);
    }

    private static YamlNode? Child(YamlNode? node, string name)
        => node is YamlMappingNode mapping
            ? mapping.Children.FirstOrDefault(child => child.Key is YamlScalarNode key && key.Value == name).Value is { } value && !YamlJson.IsNull(value) ? value : null
            : null;

    private Project Read(YamlMappingNode root)
    {
        var name = Text(root, "name");
        if (name is null)
        {
            Report(root.Start, "the project has no `name`");
        }
        else if (!StackReference.IsName(name))
        {
            Report(Child(root, "name")!.Start, $"'{name}' is no name of a project", "it has 1 to 100 letters, digits, hyphens, underscores and periods");
        }

        CheckRuntime(root);

        // `config` once named the folder of the stacks' settings.
        var config = Child(root, "config");
        return new Project
        {
            File = file,
            Name = name ?? "",
            Description = Text(root, "description") ?? "",
            Main = Text(root, "main") ?? "",
            BackendUrl = Child(root, "backend") is { } backend ? Text(backend, "url") : null,
            StackConfigFolder = Text(root, "stackConfigDir") ?? (config is YamlScalarNode folder ? folder.Value! : ""),
            Settings = config is null or YamlScalarNode ? ImmutableSortedDictionary<string, ProjectSetting>.Empty.WithComparers(StringComparer.Ordinal) : Settings(config, name ?? ""),
            Plugins = [.. Plugins(root)],
            Compiler = Compiler(root),
            AlwaysRefreshes = AlwaysRefreshes(root),
        };
    }

    private void CheckRuntime(YamlMappingNode root)
    {
        var runtime = Child(root, "runtime");
        var name = runtime is YamlScalarNode scalar ? scalar.Value : Text(runtime, "name");
        if (name is null)
        {
            Report(runtime?.Start ?? root.Start, "the project has no `runtime`", "write `runtime: yaml`");
        }
        else if (name != "yaml")
        {
            Report(runtime!.Start, $"the runtime '{name}' is not known here: this command runs programs in YAML only", "use Pulumi for this project");
        }
    }

    // What it can't do is refused: without its compiler a project has another program, or none.
    private string Compiler(YamlMappingNode root)
    {
        if (Child(Child(root, "runtime"), "options") is not { } options)
        {
            return "";
        }

        foreach (var key in options is YamlMappingNode mapping ? mapping.Children.Keys : [])
        {
            if (key is not YamlScalarNode { Value: "compiler" })
            {
                Report(key.Start, $"the option '{key}' of the runtime is not known here", "of a runtime's options only `compiler` is; use Pulumi for this project");
            }
        }

        var compiler = Text(options, "compiler") ?? "";
        if (compiler.Length > 0 && CommandWords.Split(compiler) is not { Length: > 0 })
        {
            Report(Child(options, "compiler")!.Start, "`compiler` is no command", "write a program and its arguments, with quotes closed");
        }

        return compiler;
    }

    private bool AlwaysRefreshes(YamlMappingNode root)
    {
        var refresh = Text(Child(root, "options"), "refresh");
        if (refresh is not (null or "always"))
        {
            Report(Child(Child(root, "options"), "refresh")!.Start, $"the project's option `refresh` is '{refresh}'", "it can be `always`, or be left out");
        }

        return refresh == "always";
    }

    private ImmutableSortedDictionary<string, ProjectSetting> Settings(YamlNode config, string project)
    {
        var settings = ImmutableSortedDictionary.CreateBuilder<string, ProjectSetting>(StringComparer.Ordinal);
        if (config is not YamlMappingNode mapping)
        {
            Report(config.Start, "`config` is no mapping", "it has lines such as `key: value`");
            return settings.ToImmutable();
        }

        foreach (var (key, value) in mapping.Children)
        {
            string full;
            try
            {
                full = ConfigKey.Full((key as YamlScalarNode)?.Value ?? "", project);
            }
            catch (EngineException fault)
            {
                Report(key.Start, fault.Message);
                continue;
            }

            if (value is not YamlMappingNode definition)
            {
                settings[full] = new ProjectSetting(full, null, YamlJson.IsNull(value) ? null : Open(full, value), false);
                continue;
            }

            if (Child(definition, "value") is not null && Child(definition, "default") is not null)
            {
                Report(value.Start, $"the setting {full} has both `value` and `default`", "keep one of them");
            }

            var isSecret = IsSecret(full, definition);
            var given = Child(definition, "value") ?? Child(definition, "default");
            settings[full] = new ProjectSetting(full, Text(definition, "type"), given is null ? null : Open(full, given) is { } opened ? opened with { IsSecret = isSecret } : null, isSecret);
        }

        return settings.ToImmutable();
    }

    // Not taken for false where it is odd: what is meant to be secret would be shown.
    private bool IsSecret(string key, YamlMappingNode definition)
    {
        switch (Child(definition, "secret"))
        {
            case null or YamlScalarNode { Value: "false" or "False" or "FALSE" }:
                return false;
            case YamlScalarNode { Value: "true" or "True" or "TRUE" }:
                return true;
            case var odd:
                Report(odd.Start, $"the setting {key} has a `secret` that is neither true nor false");
                return false;
        }
    }

    private ConfigValue? Open(string key, YamlNode value)
    {
        try
        {
            return ConfigNode.Open(value, secrets: null);
        }
        catch (EngineException)
        {
            Report(value.Start, $"the setting {key} has a sealed value, which only a stack can open", $"set it with `blanket config set --secret {key[(key.IndexOf(':') + 1)..]}`");
            return null;
        }
    }

    private IEnumerable<ProjectPlugin> Plugins(YamlMappingNode root)
    {
        foreach (var plugin in Child(Child(root, "plugins"), "providers") is YamlSequenceNode list ? list.Children : [])
        {
            if (Text(plugin, "name") is { } name && Text(plugin, "path") is { } path)
            {
                yield return new ProjectPlugin(name, Path.GetFullPath(path, Path.GetDirectoryName(file)!), Text(plugin, "version") ?? "");
            }
            else
            {
                Report(plugin.Start, "a plugin needs `name` and `path`");
            }
        }
    }

    private string? Text(YamlNode? parent, string name)
    {
        var child = Child(parent, name);
        if (child is null or YamlScalarNode)
        {
            return (child as YamlScalarNode)?.Value;
        }

        Report(child.Start, $"`{name}` is no text");
        return null;
    }

    private void Report(Mark place, string message, string? hint = null)
        => _diagnostics.Add(new ProgramDiagnostic(Path.GetFileName(file), (int)Math.Max(place.Line, 1), (int)Math.Max(place.Column, 1), message, hint));
}
