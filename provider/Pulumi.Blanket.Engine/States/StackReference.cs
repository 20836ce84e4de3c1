namespace Pulumi.Blanket.Engine.States;

/// <summary>A stack's full name. Folders know no organisations; Pulumi always writes <c>organization</c> there.</summary>
public sealed record StackReference
{
    public const string Organization = "organization";

    private const int MaxLength = 100;

    /// <exception cref="EngineException">A name has characters that names can't have.</exception>
    public StackReference(string project, string stack)
    {
        Check("project", project);
        Check("stack", stack);
        Project = project;
        Stack = stack;
    }

    public string Project { get; }

    public string Stack { get; }

    /// <summary><c>organization/project/stack</c>.</summary>
    public string FullName => $"{Organization}/{Project}/{Stack}";

    /// <summary>Reads <c>stack</c>, <c>organization/stack</c> or <c>organization/project/stack</c>.</summary>
    /// <param name="project">The project where the text names none; null where there is none.</param>
    /// <exception cref="EngineException">It is no stack's name, or the project is missing.</exception>
    public static StackReference Parse(string text, string? project)
    {
        var parts = text.Split('/');
        if (parts.Length > 3)
        {
            throw new EngineException(EngineFailure.InvalidInput, $"'{text}' is no stack; write <stack>, or {Organization}/<project>/<stack>");
        }

        if (parts.Length > 1 && parts[0] != Organization)
        {
            throw new EngineException(EngineFailure.InvalidInput, $"the stack '{text}' names the organization '{parts[0]}'; a state in files has only '{Organization}'");
        }

        if (parts.Length == 3)
        {
            return new StackReference(parts[1], parts[2]);
        }

        return project is not null
            ? new StackReference(project, parts[^1])
            : throw new EngineException(EngineFailure.InvalidInput, $"there is no project here, so the stack needs its full name: {Organization}/<project>/{parts[^1]}");
    }

    public override string ToString() => FullName;

    internal static bool IsName(string name)
        => name.Length is > 0 and <= MaxLength && name is not ("." or "..") && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    private static void Check(string what, string name)
    {
        if (!IsName(name))
        {
            throw new EngineException(
                EngineFailure.InvalidInput, $"'{name}' is no name of a {what}: it has 1 to {MaxLength} letters, digits, hyphens, underscores and periods");
        }
    }
}
