using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Parameters;

namespace Pulumi.Blanket.Provider.Resources.SshKey;

/// <summary>A key pair in OpenSSH's own formats (openssh-portable, <c>PROTOCOL.key</c>; RFC 4253, section 6.6; RFC 8709).</summary>
/// <param name="Fingerprint"><c>SHA256:…</c>, as <c>ssh-keygen -l</c> prints it.</param>
/// <param name="PrivateKey">PEM, not encrypted.</param>
/// <param name="PublicKey">Algorithm and key, without a comment.</param>
internal sealed record OpenSshKeyPair(string Fingerprint, string PrivateKey, string PublicKey)
{
    private const int RsaBits = 4096;
    private const int BlockSize = 8;
    private const int LineLength = 70;

    public static OpenSshKeyPair Generate(SshKeyAlgorithm algorithm) => algorithm == SshKeyAlgorithm.Ed25519 ? GenerateEd25519() : GenerateRsa();

    private static OpenSshKeyPair GenerateEd25519()
    {
        var seed = RandomNumberGenerator.GetBytes(Ed25519PrivateKeyParameters.KeySize);
        var publicKey = new Ed25519PrivateKeyParameters(seed).GeneratePublicKey().GetEncoded();
        const string Name = "ssh-ed25519";
        return Compose(Name, new SshBlob().Text(Name).Bytes(publicKey), new SshBlob().Text(Name).Bytes(publicKey).Bytes([.. seed, .. publicKey]));
    }

    private static OpenSshKeyPair GenerateRsa()
    {
        using var rsa = RSA.Create(RsaBits);
        var key = rsa.ExportParameters(includePrivateParameters: true);
        const string Name = "ssh-rsa";
        return Compose(
            Name,
            new SshBlob().Text(Name).Integer(key.Exponent).Integer(key.Modulus),
            new SshBlob().Text(Name).Integer(key.Modulus).Integer(key.Exponent).Integer(key.D).Integer(key.InverseQ).Integer(key.P).Integer(key.Q));
    }

    private static OpenSshKeyPair Compose(string name, SshBlob publicBlob, SshBlob privateBlob)
    {
        var publicBytes = publicBlob.ToArray();
        var check = RandomNumberGenerator.GetBytes(4);
        var secret = new SshBlob().Raw(check).Raw(check).Raw(privateBlob.ToArray()).Text("");
        for (byte padding = 1; secret.Length % BlockSize != 0; padding++)
        {
            secret.Raw([padding]);
        }

        var container = new SshBlob().Raw("openssh-key-v1\0"u8).Text("none").Text("none").Text("").Number(1).Bytes(publicBytes).Bytes(secret.ToArray());
        var lines = Convert.ToBase64String(container.ToArray()).Chunk(LineLength).Select(line => new string(line));
        return new OpenSshKeyPair(
            "SHA256:" + Convert.ToBase64String(SHA256.HashData(publicBytes)).TrimEnd('='),
            $"-----BEGIN OPENSSH PRIVATE KEY-----\n{string.Join('\n', lines)}\n-----END OPENSSH PRIVATE KEY-----\n",
            $"{name} {Convert.ToBase64String(publicBytes)}");
    }
}
