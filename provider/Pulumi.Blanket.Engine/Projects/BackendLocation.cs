using System.Text.Json;

namespace Pulumi.Blanket.Engine.Projects;

/// <summary>Where a project's states are, and who says so.</summary>
/// <param name="Folder">The folder above <c>.pulumi</c>.</param>
/// <param name="Source">Such as <c>PULUMI_BACKEND_URL</c>, for messages.</param>
public sealed record BackendLocation(string Folder, string Source)
{
    public const string Variable = "PULUMI_BACKEND_URL";

    private const string Scheme = "file://";

    /// <summary>Looks in the environment, the project, and what <c>pulumi login</c> noted, in this order; else it is the user's home.</summary>
    /// <param name="project">Null outside of a project.</param>
    /// <param name="workingFolder">Where a relative path of the environment starts; one of the project starts at the project's file.</param>
    /// <param name="variable">An environment variable's value; null where it is not set.</param>
    /// <exception cref="EngineException">It is not in files.</exception>
    public static BackendLocation Find(Project? project, string workingFolder, Func<string, string?> variable)
    {
        if (variable(Variable) is { Length: > 0 } url)
        {
            return new BackendLocation(Resolve(url, Variable, workingFolder, variable), Variable);
        }

        if (project?.BackendUrl is { Length: > 0 } own)
        {
            return new BackendLocation(Resolve(own, project.File, project.Folder, variable), project.File);
        }

        return LoggedIn(variable) is var (current, file)
            ? new BackendLocation(Resolve(current, file, workingFolder, variable), file)
            : new BackendLocation(PulumiHome.UserHome(variable), "the default");
    }

    private static (string Url, string File)? LoggedIn(Func<string, string?> variable)
    {
        var file = Path.Combine(variable("PULUMI_CREDENTIALS_PATH") is { Length: > 0 } folder ? folder : PulumiHome.Find(variable), "credentials.json");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));

            // A login to Pulumi's service says nothing of files.
            return document.RootElement.TryGetProperty("current", out var current) && current.GetString() is { Length: > 0 } url && !url.StartsWith("http", StringComparison.Ordinal) ? (url, file) : null;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            // Without the fault: the file has access tokens.
            throw new EngineException(EngineFailure.InvalidInput, $"{file}, where `pulumi login` notes the place of the states, can't be read; set {Variable}, or log in anew");
        }
    }

    private static string Resolve(string url, string source, string folder, Func<string, string?> variable)
    {
        if (!url.StartsWith(Scheme, StringComparison.Ordinal))
        {
            var end = url.IndexOf("://", StringComparison.Ordinal);
            throw new EngineException(
                EngineFailure.InvalidInput,
                $"{source} keeps states at {(end < 0 ? $"'{url}'" : url[..(end + 3)] + "…")}, and this command keeps them in files only; give it as {Scheme}<folder>, or use Pulumi");
        }

        // Pulumi's options for the storage library, such as no_tmp_dir, say nothing here.
        var path = url[Scheme.Length..].Split('?', 2)[0];
        return path is "~" || path.StartsWith("~/", StringComparison.Ordinal)
            ? Path.GetFullPath(PulumiHome.UserHome(variable) + path[1..])
            : Path.GetFullPath(path.Length == 0 ? "." : path, folder);
    }
}
