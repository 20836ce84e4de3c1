namespace Pulumi.Blanket.Provider.Ssh.Sftp;

/// <summary>A status other than the wanted one.</summary>
internal sealed class SftpFault(SftpStatus status, string message) : Exception(message)
{
    public SftpStatus Status { get; } = status;
}
