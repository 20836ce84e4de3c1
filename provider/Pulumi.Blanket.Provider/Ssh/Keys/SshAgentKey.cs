using Renci.SshNet;
using Renci.SshNet.Security;

namespace Pulumi.Blanket.Provider.Ssh.Keys;

/// <summary>A key that the user's SSH agent holds, as the library's source of keys.</summary>
internal sealed class SshAgentKey : IPrivateKeySource
{
    private const uint RsaSha256 = 2;
    private const uint RsaSha512 = 4;

    private SshAgentKey(IReadOnlyCollection<HostAlgorithm> algorithms) => HostKeyAlgorithms = algorithms;

    public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms { get; }

    /// <summary>The ways to sign with a key; null for a kind of key that can't log in here (DSA, certificates, hardware keys' wrappers).</summary>
    public static SshAgentKey? Create(SshAgentClient agent, byte[] blob, string type) => type switch
    {
        "ssh-ed25519" or "ecdsa-sha2-nistp256" or "ecdsa-sha2-nistp384" or "ecdsa-sha2-nistp521" or "sk-ssh-ed25519@openssh.com" or "sk-ecdsa-sha2-nistp256@openssh.com"
            => new SshAgentKey([new SshAgentAlgorithm(type, agent, blob, 0)]),
        // Plain ssh-rsa signs with SHA-1, which servers refuse.
        "ssh-rsa" => new SshAgentKey([new SshAgentAlgorithm("rsa-sha2-512", agent, blob, RsaSha512), new SshAgentAlgorithm("rsa-sha2-256", agent, blob, RsaSha256)]),
        _ => null,
    };
}
