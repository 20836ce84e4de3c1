using System.Security.Cryptography;
using System.Text;

namespace Pulumi.Blanket.Provider.Ssh;

/// <summary>What proves who we are. Tried in this order: private key, keys of the user's SSH agent, password.</summary>
public sealed record SshCredentials
{
    // Per process, so that a fingerprint tells nothing to anybody who sees it.
    private static readonly byte[] FingerprintKey = RandomNumberGenerator.GetBytes(32);

    /// <summary>Text of a private key: OpenSSH's format or PEM; ed25519, ecdsa or rsa. Secret.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>The private key's password, where it has one. Secret.</summary>
    public string? PrivateKeyPassword { get; init; }

    /// <summary>The account's password, also given where the host asks for it by keyboard-interactive. Secret.</summary>
    public string? Password { get; init; }

    /// <summary>Path of the SSH agent's socket; null for none. See <see cref="AgentFromEnvironment"/>.</summary>
    public string? AgentSocket { get; init; }

    /// <summary>The socket of the user's SSH agent, as the environment names it (<c>SSH_AUTH_SOCK</c>); null where there is none.</summary>
    public static string? AgentFromEnvironment
        => Environment.GetEnvironmentVariable("SSH_AUTH_SOCK") is { Length: > 0 } path ? path : null;

    internal bool IsEmpty => PrivateKey is null && Password is null && AgentSocket is null;

    /// <summary>Equal for equal credentials in this process; says nothing about them.</summary>
    internal string Fingerprint
    {
        get
        {
            // Lengths before the parts, so that no two different sets read the same.
            StringBuilder text = new();
            foreach (var part in (string?[])[PrivateKey, PrivateKeyPassword, Password, AgentSocket])
            {
                text.Append(part?.Length ?? -1).Append(':').Append(part);
            }

            return Convert.ToHexString(HMACSHA256.HashData(FingerprintKey, Encoding.UTF8.GetBytes(text.ToString())));
        }
    }

    /// <summary>Which kinds there are, and nothing of them.</summary>
    public override string ToString()
    {
        List<string> kinds = [];
        if (PrivateKey is not null)
        {
            kinds.Add("private key");
        }

        if (AgentSocket is not null)
        {
            kinds.Add("SSH agent");
        }

        if (Password is not null)
        {
            kinds.Add("password");
        }

        return kinds.Count == 0 ? "no credentials" : string.Join(", ", kinds);
    }
}
