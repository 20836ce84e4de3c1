namespace Pulumi.Blanket.Engine.Projects;

/// <summary>Pulumi's folder in the user's home, which this command shares with it.</summary>
public static class PulumiHome
{
    /// <param name="variable">An environment variable's value; null where it is not set.</param>
    public static string Find(Func<string, string?> variable)
        => variable("PULUMI_HOME") is { Length: > 0 } named ? Path.GetFullPath(named) : Path.Combine(UserHome(variable), ".pulumi");

    internal static string UserHome(Func<string, string?> variable)
        => variable("HOME") is { Length: > 0 } home ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
}
