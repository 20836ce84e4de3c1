using System.Text;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Pulumi.Blanket.Provider.Ssh.Keys;

/// <summary>Private keys as users give them. Needs no network.</summary>
public static class SshPrivateKey
{
    private const string Formats = "give the whole text of a private key in OpenSSH's format or PEM (ed25519, ecdsa or rsa), as ssh-keygen writes it";

    /// <summary>What is wrong with a private key and its password; null where nothing is. Contains nothing of either.</summary>
    public static string? Validate(string text, string? password)
    {
        try
        {
            using (Parse(text, password))
            {
                return null;
            }
        }
        catch (SshException fault)
        {
            return fault.Message;
        }
    }

    /// <exception cref="SshException"><see cref="SshFailure.BadKey"/></exception>
    internal static PrivateKeyFile Parse(string text, string? password)
    {
        var trimmed = text.ReplaceLineEndings("\n").Trim();
        if (trimmed.Length == 0)
        {
            throw Fault($"the private key is empty; {Formats}");
        }

        if (!trimmed.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            throw trimmed.StartsWith("ssh-", StringComparison.Ordinal) || trimmed.StartsWith("ecdsa-", StringComparison.Ordinal) || trimmed.Contains("PUBLIC KEY", StringComparison.Ordinal)
                ? Fault("this is a public key, not a private one; give the text of the file without .pub")
                : trimmed.Length < 1024 && !trimmed.Contains('\n', StringComparison.Ordinal)
                    ? Fault($"this is no private key (is it the path of one? the key's text is wanted); {Formats}")
                    : Fault($"this is no private key; {Formats}");
        }

        if (trimmed.Contains("BEGIN DSA ", StringComparison.Ordinal))
        {
            throw Fault("DSA keys are no longer accepted by SSH servers; use an ed25519 key");
        }

        if (trimmed.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal) && string.IsNullOrEmpty(password))
        {
            throw MissingPassword();
        }

        try
        {
            using MemoryStream stream = new(Encoding.UTF8.GetBytes(trimmed + "\n"));
            return new PrivateKeyFile(stream, string.IsNullOrEmpty(password) ? null : password);
        }
        catch (SshPassPhraseNullOrEmptyException)
        {
            throw MissingPassword();
        }
        catch (Exception) when (password is { Length: > 0 })
        {
            // The library's own words differ by format: failed padding, check bytes that differ, bad structure.
            throw Fault("the private key can't be decrypted; the key's password is wrong, or the key's text is damaged");
        }
        catch (Exception)
        {
            throw Fault($"the private key can't be read; it is damaged, or of a kind that is not supported; {Formats}");
        }
    }

    private static SshException MissingPassword() => Fault("the private key is encrypted, and its password is missing; give the key's password too");

    // Without the library's exception inside: what it says about a key that it could not read is not known to be free of the key.
    private static SshException Fault(string message) => new(SshFailure.BadKey, message);
}
