using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>This host's keys in a fabric. They are made here and never leave.</summary>
internal static class FabricKeys
{
    private const string WireGuardName = "wireguard.key";
    private const string TlsName = "tls.key";

    /// <summary>Makes the keys where they are missing.</summary>
    /// <returns>WireGuard's public key, and a request for a certificate (PKCS #10, DER).</returns>
    public static async Task<(string WireGuardPublicKey, byte[] CertificateRequest)> PrepareAsync(string fabricId, CancellationToken cancellationToken)
    {
        DurableFile.MakeFolder(AgentPaths.State, DurableFile.OpenFolder);
        DurableFile.MakeFolder(AgentPaths.Fabric(fabricId), DurableFile.PrivateFolder);
        if (!File.Exists(WireGuardFile(fabricId)))
        {
            DurableFile.Write(WireGuardFile(fabricId), await Command.RunOrThrowAsync("wg", ["genkey"], cancellationToken: cancellationToken), DurableFile.Private);
        }

        if (!File.Exists(TlsFile(fabricId)))
        {
            using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            DurableFile.Write(TlsFile(fabricId), made.ExportPkcs8PrivateKeyPem(), DurableFile.Private);
        }

        var publicKey = await Command.RunOrThrowAsync("wg", ["pubkey"], input: ReadWireGuardKey(fabricId), cancellationToken: cancellationToken);
        using var key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(TlsFile(fabricId), cancellationToken));
        return (publicKey.Trim(), new CertificateRequest($"CN={MachineFacts.MachineId}", key, HashAlgorithmName.SHA256).CreateSigningRequest());
    }

    /// <summary>The same by the folder's path.</summary>
    public static bool HasIn(string folder) => File.Exists(Path.Combine(folder, WireGuardName)) && File.Exists(Path.Combine(folder, TlsName));

    public static bool Has(string fabricId) => File.Exists(WireGuardFile(fabricId)) && File.Exists(TlsFile(fabricId));

    /// <summary>Whether a folder holds nothing but keys, and files that were never finished: that of a fabric that never came to be.</summary>
    public static bool AreAllIn(string folder) => Directory.EnumerateFileSystemEntries(folder).All(static entry => entry.EndsWith(".key", StringComparison.Ordinal) || entry.EndsWith(".new", StringComparison.Ordinal));

    /// <exception cref="AgentException">There is none.</exception>
    public static string ReadWireGuardKey(string fabricId) => Read(WireGuardFile(fabricId)).Trim();

    /// <summary>The host's certificate with its key.</summary>
    /// <exception cref="AgentException">The host has no key, or the facts have a certificate for another one.</exception>
    public static X509Certificate2 Load(string fabricId, string certificate)
    {
        try
        {
            using var pem = X509Certificate2.CreateFromPem(certificate, Read(TlsFile(fabricId)));

            // A key that came from PEM has to go through PKCS #12 before TLS takes it everywhere.
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null);
        }
        catch (Exception fault) when (FabricCertificates.IsUnreadable(fault))
        {
            throw new AgentException(AgentFault.NotPossible,
                $"the fabric's certificate of this host is not for the key that the host has ({fault.Message}); take the host out of the fabric's `hosts`, and put it back with a later update", fault);
        }
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new AgentException(AgentFault.NotPossible, $"the host has left the fabric, or lost its key in it ({file} is not there)", fault);
        }
    }

    private static string WireGuardFile(string fabricId) => Path.Combine(AgentPaths.Fabric(fabricId), WireGuardName);

    private static string TlsFile(string fabricId) => Path.Combine(AgentPaths.Fabric(fabricId), TlsName);
}
