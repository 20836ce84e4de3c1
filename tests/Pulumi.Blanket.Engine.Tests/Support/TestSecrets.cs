using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Tests.Support;

/// <summary>A stack's salt and a value sealed under it, made apart from the code under test.</summary>
/// <remarks>
/// By Python: <c>key = hashlib.pbkdf2_hmac('sha256', 'correct horse ü'.encode(), bytes(range(1, 9)), 1000000, 32)</c>, then OpenSSL's
/// EVP_aes_256_gcm with the nonce <c>range(12)</c> for <c>pulumi</c>, and <c>range(20, 32)</c> for <c>"hunter2 &lt;ü&gt;"</c> with its quotes;
/// the tag of 16 bytes is put behind the text.
/// </remarks>
internal static class TestSecrets
{
    public const string Passphrase = "correct horse ü";
    public const string Salt = "v1:AQIDBAUGBwg=:v1:AAECAwQFBgcICQoL:iGP4XDXiY7T19n8Y1y69reKRmEaJfA==";
    public const string SealedText = "v1:FBUWFxgZGhscHR4f:WqbpJ5jswAdHOB0/mFuIGf+Z088vqg34P4xU0kX1";
    public const string PlainText = "\"hunter2 <ü>\"";

    public static PassphraseSource KnownSource { get; } = Source(Passphrase);

    /// <summary>Shared, since each derives its key anew.</summary>
    public static PassphraseSecrets Known { get; } = PassphraseSecrets.Open(Salt, KnownSource);

    public static PassphraseSource None { get; } = new(_ => null);

    public static PassphraseSource Source(string passphrase) => new(name => name == PassphraseSource.Variable ? passphrase : null);
}
