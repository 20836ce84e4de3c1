using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Pulumi.Blanket.Engine.States;

/// <summary>
/// Seals a stack's secrets under a passphrase, as Pulumi's <c>passphrase</c> provider does: a 256-bit key by PBKDF2-HMAC-SHA256 with
/// 1,000,000 iterations and a salt of 8 bytes, then AES-256-GCM (pulumi/pulumi, <c>sdk/go/common/resource/config/crypt.go</c>).
/// The key is derived when it is first needed, which takes a third of a second. Safe to use from many threads.
/// </summary>
public sealed class PassphraseSecrets
{
    /// <summary>The provider's name in the state.</summary>
    public const string ProviderType = "passphrase";

    private const int Iterations = 1_000_000;
    private const int SaltBytes = 8;
    private const int KeyBytes = 32;
    private const string Version = "v1";

    // Sealed beside the salt, to tell a wrong passphrase.
    private const string Probe = "pulumi";

    private static readonly int NonceBytes = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int TagBytes = AesGcm.TagByteSizes.MaxSize;

    private readonly Lazy<byte[]> _key;

    private PassphraseSecrets(string salt, Func<byte[]> key)
    {
        Salt = salt;
        _key = new Lazy<byte[]>(key);
    }

    /// <summary>What <c>encryptionsalt</c> of the stack's settings holds: <c>v1:&lt;salt&gt;:v1:&lt;nonce&gt;:&lt;text&gt;</c>.</summary>
    public string Salt { get; }

    /// <summary>Secrets of a stack that has none yet; asks for the passphrase at once.</summary>
    public static PassphraseSecrets Create(PassphraseSource passphrase)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var key = Derive(passphrase.Read(), salt);
        return passphrase.Opened.GetOrAdd($"{Version}:{Convert.ToBase64String(salt)}:{Seal(key, Probe)}", text => new PassphraseSecrets(text, () => key));
    }

    /// <summary>
    /// Secrets of a stack whose salt is known; the passphrase is asked for when the first secret is read or written. State and settings
    /// of one stack share what was derived.
    /// </summary>
    /// <exception cref="EngineException">The salt is malformed.</exception>
    public static PassphraseSecrets Open(string salt, PassphraseSource passphrase) => passphrase.Opened.GetOrAdd(salt, OpenNew, passphrase);

    /// <summary>Derives the key, on a thread of its own; what runs before a deployment may wait for it only at the end.</summary>
    /// <exception cref="EngineException">There is no passphrase, or it is the wrong one.</exception>
    public Task VerifyAsync() => Task.Run(() => _ = _key.Value);

    /// <exception cref="EngineException">There is no passphrase, or it is the wrong one.</exception>
    public string Encrypt(string text) => Seal(_key.Value, text);

    /// <exception cref="EngineException">There is no passphrase, it is the wrong one, or the text was not sealed with it.</exception>
    public string Decrypt(string sealedText)
        => TryUnseal(_key.Value, sealedText, out var text)
            ? text
            : throw new EngineException(EngineFailure.Secrets, "a secret could not be opened: it is damaged, or was sealed with another stack's passphrase and salt");

    private static PassphraseSecrets OpenNew(string salt, PassphraseSource passphrase)
    {
        var parts = salt.Split(':', 3);
        if (parts.Length != 3 || parts[0] != Version || !TryBase64(parts[1], out var bytes))
        {
            throw new EngineException(EngineFailure.Secrets, "the stack's encryptionsalt is not of the form v1:<salt>:v1:<nonce>:<text>; take it from the stack's settings or state as they were before");
        }

        return new PassphraseSecrets(salt, () =>
        {
            var key = Derive(passphrase.Read(), bytes);
            return TryUnseal(key, parts[2], out var word) && word == Probe
                ? key
                : throw new EngineException(EngineFailure.Secrets, $"the passphrase is wrong: it does not open the stack's encryptionsalt; set {PassphraseSource.Variable} or {PassphraseSource.FileVariable} to the stack's own");
        });
    }

    private static byte[] Derive(string passphrase, byte[] salt)
        => Rfc2898DeriveBytes.Pbkdf2(passphrase, salt, Iterations, HashAlgorithmName.SHA256, KeyBytes);

    private static string Seal(byte[] key, string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        var body = new byte[plain.Length + TagBytes];
        using AesGcm cipher = new(key, TagBytes);
        cipher.Encrypt(nonce, plain, body.AsSpan(0, plain.Length), body.AsSpan(plain.Length));
        return $"{Version}:{Convert.ToBase64String(nonce)}:{Convert.ToBase64String(body)}";
    }

    private static bool TryUnseal(byte[] key, string sealedText, [NotNullWhen(true)] out string? text)
    {
        text = null;
        var parts = sealedText.Split(':');
        if (parts.Length != 3 || parts[0] != Version || !TryBase64(parts[1], out var nonce) || !TryBase64(parts[2], out var body)
            || nonce.Length != NonceBytes || body.Length < TagBytes)
        {
            return false;
        }

        var plain = new byte[body.Length - TagBytes];
        using AesGcm cipher = new(key, TagBytes);
        try
        {
            cipher.Decrypt(nonce, body.AsSpan(0, plain.Length), body.AsSpan(plain.Length), plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        text = Encoding.UTF8.GetString(plain);
        return true;
    }

    private static bool TryBase64(string text, out byte[] bytes)
    {
        bytes = new byte[(text.Length * 3 / 4) + 3];
        if (!Convert.TryFromBase64String(text, bytes, out var count))
        {
            return false;
        }

        bytes = bytes[..count];
        return true;
    }
}
