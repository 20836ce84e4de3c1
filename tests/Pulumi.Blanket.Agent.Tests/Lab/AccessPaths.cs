namespace Pulumi.Blanket.Agent.Tests.Lab;

/// <summary>Ways to write a path that a server may take for the same.</summary>
internal static class AccessPaths
{
    /// <param name="path">As the contract has it: /service/Method.</param>
    public static IEnumerable<string> Of(string path)
    {
        var letter = path.LastIndexOf('/') + 1;
        yield return path;
        yield return path.ToLowerInvariant();
        yield return path.ToUpperInvariant();
        yield return $"{path[..letter]}%{(int)path[letter]:X2}{path[(letter + 1)..]}";
        yield return $"/%{(int)path[1]:x2}{path[2..]}";
        yield return path.Replace("/", "%2F", StringComparison.Ordinal).Insert(0, "/");
        yield return path + "/";
        yield return "/" + path;
        yield return $"{path[..letter]}/{path[letter..]}";
        yield return $"/x/..{path}";
    }
}
