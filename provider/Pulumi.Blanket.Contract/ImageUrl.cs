namespace Pulumi.Blanket.Contract;

/// <summary>URLs that images come from. A user's name and password, and what stands behind the path, such as a signature, let whoever has them in: they go where they are needed and nowhere else.</summary>
public static class ImageUrl
{
    /// <summary>What may be kept and shown: the URL without user, password, query and fragment. Anything else than a URL is a path, and stays as it is.</summary>
    public static string WithoutSecrets(string source)
    {
        var scheme = source.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return source;
        }

        var begin = scheme + "://".Length;
        var path = source.IndexOfAny(['/', '?', '#', '\\'], begin);
        var user = source.LastIndexOf('@', (path < 0 ? source.Length : path) - 1, (path < 0 ? source.Length : path) - begin);
        var end = source.IndexOfAny(['?', '#'], begin);
        return string.Concat(source.AsSpan(0, begin), source.AsSpan(user < 0 ? begin : user + 1, (end < 0 ? source.Length : end) - (user < 0 ? begin : user + 1)));
    }

    /// <summary>Whether anything of it must not be kept or shown.</summary>
    public static bool HasSecrets(string source) => WithoutSecrets(source) != source;
}
