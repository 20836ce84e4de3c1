using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Projects;

namespace Pulumi.Blanket.Engine.Programs;

/// <summary>What a program may know of the run that it is part of.</summary>
/// <param name="RootDirectory">Folder of the project file; relative paths start there.</param>
/// <param name="WorkingDirectory">Folder of the program.</param>
/// <param name="Config">By full key (<c>namespace:name</c>), the stack's settings.</param>
/// <param name="IsPreview">Nothing is changed, and what would only be known afterwards is unknown.</param>
public sealed record ProgramContext(
    string Project, string Stack, string Organization, string RootDirectory, string WorkingDirectory,
    ImmutableSortedDictionary<string, ConfigValue> Config, bool IsPreview);
