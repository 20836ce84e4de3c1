namespace Pulumi.Blanket.Agent.Tests.Support;

/// <summary>The agent as users get it: compiled ahead of time, by <c>make provider</c>.</summary>
internal static class AgentProgram
{
    public static string Path { get; } = Find();

    /// <summary>The solution's file, in the folder of all sources.</summary>
    public static string Solution => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(Path))!, "Pulumi.Blanket.sln");

    /// <summary>The same program that says another version: the text stands in the file as it is.</summary>
    public static async Task<byte[]> OfVersionAsync(string version)
    {
        var bytes = await File.ReadAllBytesAsync(Path);
        var at = bytes.AsSpan().IndexOf("blanket-agent/0.1.0"u8);
        Assert.True(at > 0, "the program does not hold its version");
        System.Text.Encoding.UTF8.GetBytes($"blanket-agent/{version}").CopyTo(bytes, at);
        return bytes;
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Pulumi.Blanket.sln")))
            {
                var program = System.IO.Path.Combine(folder.FullName, "bin", "blanket-agent");
                return File.Exists(program) ? program : throw new FileNotFoundException($"{program} is missing; run `make provider`");
            }
        }

        throw new DirectoryNotFoundException("the tests do not run below the solution's folder");
    }
}
