using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>
/// The fabric's authority and the certificates that members prove themselves with to each other: ECDSA on P-256, the subject a machine
/// id. They last as long as the fabric; a member that leaves is known by its absence from the facts, not by its certificate.
/// </summary>
internal static class FabricCertificates
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365 * 50);

    /// <summary>Clocks of machines differ.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromDays(2);

    public static (string Certificate, string Key) MakeAuthority(string fabricId)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN=blanket fabric {fabricId}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow() - Slack, TimeProvider.System.GetUtcNow() + Lifetime);
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <param name="request">PKCS #10, DER: only its public key is taken.</param>
    public static string Sign(string authority, string authorityKey, byte[] request, string machineId)
    {
        using var issuer = X509Certificate2.CreateFromPem(authority, authorityKey);
        CertificateRequest asked;
        try
        {
            asked = CertificateRequest.LoadSigningRequest(request, HashAlgorithmName.SHA256, signerSignaturePadding: RSASignaturePadding.Pkcs1);
        }
        catch (Exception fault) when (IsUnreadable(fault))
        {
            throw new AgentException(AgentFault.BadRequest, $"the certificate request of {machineId} can't be read: {fault.Message}", fault);
        }

        CertificateRequest granted = new(new X500DistinguishedName($"CN={machineId}"), asked.PublicKey, HashAlgorithmName.SHA256);
        granted.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        granted.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        using var certificate = granted.Create(issuer, issuer.NotBefore, issuer.NotAfter, RandomNumberGenerator.GetBytes(16));
        return certificate.ExportCertificatePem();
    }

    /// <summary>What .NET throws for keys and certificates that are none, or that this host's OpenSSL does not know.</summary>
    public static bool IsUnreadable(Exception fault) => fault is CryptographicException or ArgumentException or NotSupportedException;

    /// <summary>How certificates of members are looked at: nothing but the fabric's authority counts. Without it TLS reads all that the host trusts, for nothing, at its first connection.</summary>
    public static X509ChainPolicy PolicyOf(string authority) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { X509Certificate2.CreateFromPem(authority) },
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    /// <summary>The machine id that a certificate of a fabric's authority names.</summary>
    public static string SubjectOf(X509Certificate2 certificate) => certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    /// <summary>The machine id that a certificate proves; null where it is not of this authority.</summary>
    public static string? Verify(X509Certificate2? certificate, string authority)
    {
        if (certificate is null)
        {
            return null;
        }

        using X509Chain chain = new();
        chain.ChainPolicy = PolicyOf(authority);
        try
        {
            return chain.Build(certificate) ? SubjectOf(certificate) : null;
        }
        catch (Exception fault) when (IsUnreadable(fault))
        {
            return null; // what OpenSSL can't even look at: whoever shows it is nobody
        }
    }
}
