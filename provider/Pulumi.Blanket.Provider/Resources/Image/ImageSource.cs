using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Pulumi.Blanket.Provider.Resources.Image;

/// <summary>Where an image comes from.</summary>
internal static class ImageSource
{
    // A file is hashed once per process, however often the engine asks; a changed one is another.
    private static readonly ConcurrentDictionary<(string Path, long Size, DateTime Modified), Lazy<string>> Hashes = new();

    /// <summary>Whether it has the form of an URL, of whatever kind.</summary>
    public static bool IsUrl(string source) => source.Contains("://", StringComparison.Ordinal);

    /// <summary>Whether members can download it.</summary>
    public static bool IsDownload(string source)
        => Uri.TryCreate(source, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp) && url.Host.Length > 0;

    /// <summary>The SHA-256 of a file, in small hexadecimal digits.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static string HashOf(string path)
    {
        FileInfo file = new(path);
        var known = (file.FullName, file.Length, file.LastWriteTimeUtc);
        try
        {
            return Hashes.GetOrAdd(known, static key => new Lazy<string>(() => Hash(key.Path))).Value;
        }
        catch
        {
            Hashes.TryRemove(known, out _);
            throw;
        }
    }

    private static string Hash(string path)
    {
        using FileStream content = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1024 * 1024, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }
}
