using Renci.SshNet.Security;

namespace Pulumi.Blanket.Provider.Ssh.Keys;

/// <summary>Signing by the user's SSH agent, with one of its keys and one algorithm.</summary>
internal sealed class SshAgentAlgorithm(string name, SshAgentClient agent, byte[] key, uint flags) : HostAlgorithm(name)
{
    public override byte[] Data => key;

    public override byte[] Sign(byte[] data) => agent.Sign(key, data, flags);

    public override bool VerifySignature(byte[] data, byte[] signature) => throw new NotSupportedException("an agent signs, it does not verify");
}
