using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs;

namespace Pulumi.Blanket.Engine.Projects;

/// <summary>A project: what its <c>Pulumi.yaml</c> says beside the program.</summary>
public sealed record Project
{
    /// <summary>Names that a project's file may have.</summary>
    public static readonly ImmutableArray<string> FileNames = ["Pulumi.yaml", "Pulumi.yml"];

    /// <summary>The project's file; absolute.</summary>
    public required string File { get; init; }

    public required string Name { get; init; }

    public string Description { get; init; } = "";

    /// <summary>The program's folder or file, relative to the project's; empty for the project's own.</summary>
    public string Main { get; init; } = "";

    /// <summary>A command, with its arguments, that prints the program; empty where the program is a file.</summary>
    public string Compiler { get; init; } = "";

    /// <summary>Everything that works on the stack reads all resources first, unless it is told not to.</summary>
    public bool AlwaysRefreshes { get; init; }

    /// <summary>Where the states are; null where the project doesn't say.</summary>
    public string? BackendUrl { get; init; }

    /// <summary>Folder of the stacks' settings, relative to the project's; empty for the project's own.</summary>
    public string StackConfigFolder { get; init; } = "";

    /// <summary>By full key, what the project declares for all of its stacks.</summary>
    public ImmutableSortedDictionary<string, ProjectSetting> Settings { get; init; } = ImmutableSortedDictionary<string, ProjectSetting>.Empty;

    public ImmutableArray<ProjectPlugin> Plugins { get; init; } = [];

    /// <summary>Folder of the project's file.</summary>
    public string Folder => Path.GetDirectoryName(File)!;

    /// <summary>Where the program runs.</summary>
    public string WorkingFolder
    {
        get
        {
            var main = Path.GetFullPath(Main, Folder);
            return Directory.Exists(main) ? main : Path.GetDirectoryName(main)!;
        }
    }

    /// <summary>Reads the project of a folder, or of the nearest one above it.</summary>
    /// <exception cref="EngineException">There is none.</exception>
    /// <exception cref="ProgramException">Its file is wrong.</exception>
    public static Project Find(string folder)
        => Load(FindFile(folder) ?? throw new EngineException(
            EngineFailure.NotFound, $"there is no {FileNames[0]} in {Path.GetFullPath(folder)}, nor in a folder above it; go to the project's folder, or name that with --cwd"));

    /// <summary>The file of the nearest project; null where there is none.</summary>
    public static string? FindFile(string folder)
    {
        for (var here = new DirectoryInfo(folder); here is not null; here = here.Parent)
        {
            if (FileNames.Select(name => Path.Combine(here.FullName, name)).FirstOrDefault(System.IO.File.Exists) is { } file)
            {
                return file;
            }
        }

        return null;
    }

    /// <summary>Reads a project's file.</summary>
    /// <exception cref="EngineException">It can't be read.</exception>
    /// <exception cref="ProgramException">It is wrong: all that is, with the places.</exception>
    public static Project Load(string file) => new ProjectReader(Path.GetFullPath(file)).Read();

    /// <summary>The file of a stack's settings, whether it is there or not.</summary>
    public string SettingsFile(string stack)
    {
        var stem = Path.Combine(Path.GetFullPath(StackConfigFolder, Folder), $"Pulumi.{stack}");
        return !System.IO.File.Exists($"{stem}.yaml") && System.IO.File.Exists($"{stem}.yml") ? $"{stem}.yml" : $"{stem}.yaml";
    }

    /// <summary>All that a run of a stack is given: what the stack says, else what the project does.</summary>
    public ImmutableSortedDictionary<string, ConfigValue> Merge(ImmutableSortedDictionary<string, ConfigValue> stack)
    {
        var all = stack.ToBuilder();
        foreach (var (key, setting) in Settings)
        {
            if (!all.TryGetValue(key, out var said))
            {
                if (setting.Value is not null)
                {
                    all[key] = setting.Value;
                }
            }
            else if (setting.IsSecret && !said.IsSecret)
            {
                all[key] = said with { IsSecret = true };
            }
        }

        return all.ToImmutable();
    }
}
