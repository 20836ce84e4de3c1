using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Pulumi.Blanket.Provider.Ssh.Keys;

/// <summary>A host's public key.</summary>
public sealed record SshHostKey
{
    private readonly byte[] _blob;

    private SshHostKey(string type, byte[] blob)
    {
        Type = type;
        _blob = blob;
    }

    /// <summary>Such as <c>ssh-ed25519</c>, <c>ecdsa-sha2-nistp256</c> or <c>ssh-rsa</c>.</summary>
    public string Type { get; }

    /// <summary>As OpenSSH shows it: <c>SHA256:…</c>.</summary>
    public string Fingerprint => $"SHA256:{Convert.ToBase64String(SHA256.HashData(_blob)).TrimEnd('=')}";

    /// <summary>What is wrong with the text of an expected host key; null where nothing is.</summary>
    public static string? Validate(string text)
        => TryParse(text, out _) ? null : "it is no public host key; give it as `ssh-keyscan HOST` prints it, without the host's name: ssh-ed25519 AAAA…";

    /// <summary>Reads type and base64; a comment after them does not count.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SshHostKey? key)
    {
        key = null;
        var parts = (text ?? "").Split((char[])[' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2)
        {
            return false;
        }

        var blob = new byte[parts[1].Length];
        if (!Convert.TryFromBase64String(parts[1], blob, out var length))
        {
            return false;
        }

        key = FromBlob(blob[..length]);
        return key is not null && key.Type == parts[0];
    }

    public bool Equals(SshHostKey? other) => other is not null && _blob.AsSpan().SequenceEqual(other._blob);

    public override int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(_blob));

    /// <summary>As it is pinned: <c>ssh-ed25519 AAAA…</c>.</summary>
    public override string ToString() => $"{Type} {Convert.ToBase64String(_blob)}";

    /// <summary>A key as it comes over the wire: it starts with its type.</summary>
    internal static SshHostKey? FromBlob(byte[] blob)
    {
        if (blob.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(blob) is var length && (length is 0 or > 64 || length > blob.Length - 4))
        {
            return null;
        }

        return new SshHostKey(Encoding.ASCII.GetString(blob, 4, (int)length), blob);
    }
}
