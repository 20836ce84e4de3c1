namespace Pulumi.Blanket.Agent.Commands;

/// <summary>Files that plugins put into an account's home to install an agent from, and could not remove again: they were killed, or cut off.</summary>
internal static class Uploads
{
    private const string Pattern = "blanket-agent.upload-*";

    /// <param name="age">Younger ones, and the running program itself, stay.</param>
    public static void Remove(string? folder, TimeSpan age)
    {
        if (folder is null or AgentPaths.ProgramFolder || !Directory.Exists(folder))
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(folder, Pattern))
        {
            if (file != Environment.ProcessPath && TimeProvider.System.GetUtcNow() - File.GetLastWriteTimeUtc(file) >= age)
            {
                File.Delete(file);
            }
        }
    }
}
