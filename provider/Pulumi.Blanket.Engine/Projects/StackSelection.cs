using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Projects;

/// <summary>Which stack of a project is at work where none is named: kept where Pulumi keeps it, by the project's name and file.</summary>
public static class StackSelection
{
    public const string Variable = "PULUMI_STACK";

    private const string StackField = "stack";

    /// <summary>The stack that is selected; null where none is.</summary>
    /// <param name="variable">An environment variable's value; null where it is not set.</param>
    /// <exception cref="EngineException">What is selected is no stack's name.</exception>
    public static StackReference? Read(Project project, Func<string, string?> variable)
        => (variable(Variable) is { Length: > 0 } named ? named : Selected(Load(FileOf(project, variable)))) is { Length: > 0 } text
            ? StackReference.Parse(text, project.Name)
            : null;

    /// <summary>Selects a stack.</summary>
    /// <param name="stack">Null selects none.</param>
    /// <exception cref="EngineException">The file can't be written.</exception>
    public static void Write(Project project, StackReference? stack, Func<string, string?> variable)
    {
        var file = FileOf(project, variable);
        var settings = Load(file);
        if (stack is null)
        {
            settings.Remove(StackField);
        }
        else
        {
            settings[StackField] = stack.FullName;
        }

        new WholeFile(file).Write(Encoding.UTF8.GetBytes(settings.ToJsonString()));
    }

    internal static string FileOf(Project project, Func<string, string?> variable)
        => Path.Combine(PulumiHome.Find(variable), "workspaces", $"{project.Name}-{NameOf(project.File)}-workspace.json");

    // A name that Pulumi finds again, nothing that is to be safe.
#pragma warning disable CA5350
    private static string NameOf(string path) => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(path)));
#pragma warning restore CA5350

    private static string? Selected(JsonObject settings) => settings[StackField] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    // Other things that Pulumi keeps there stay.
    private static JsonObject Load(string file)
    {
        try
        {
            return File.Exists(file) && JsonNode.Parse(File.ReadAllBytes(file)) is JsonObject settings ? settings : [];
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
