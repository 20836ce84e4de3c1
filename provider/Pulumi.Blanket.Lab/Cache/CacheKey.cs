using System.Security.Cryptography;
using System.Text;

namespace Pulumi.Blanket.Lab.Cache;

/// <summary>A short name for all that something in the cache is made from.</summary>
internal static class CacheKey
{
    public static async Task<string> HashAsync(IEnumerable<string> texts, IEnumerable<string> files, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(text + "\0"));
        }

        foreach (var file in files)
        {
            hash.AppendData(SHA256.HashData(await File.ReadAllBytesAsync(file, cancellationToken)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
