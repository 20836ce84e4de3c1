namespace Pulumi.Blanket.Provider.Ssh;

/// <summary>Why something over SSH failed.</summary>
public enum SshFailure
{
    /// <summary>There is no TCP connection to be had: refused, no route, no such name, or closed before the login.</summary>
    Unreachable,

    /// <summary>No answer within the time limit.</summary>
    TimedOut,

    /// <summary>The host proved itself with another key than the expected one.</summary>
    HostKeyMismatch,

    /// <summary>The expected host key is no text of the form <c>ssh-ed25519 AAAA…</c>.</summary>
    BadHostKey,

    /// <summary>The host does not accept the credentials.</summary>
    AuthenticationRefused,

    /// <summary>There are no credentials to try.</summary>
    NoCredentials,

    /// <summary>The private key can't be used: no key, another format, or its password is missing or wrong.</summary>
    BadKey,

    /// <summary>The user's SSH agent does not answer, or holds no key that can be used.</summary>
    SshAgentUnavailable,

    /// <summary>Host and plugin have no algorithm in common.</summary>
    Incompatible,

    /// <summary>The host opens no further channel, or runs no commands.</summary>
    ChannelRefused,

    /// <summary>A command on the host ended with an error.</summary>
    CommandFailed,

    /// <summary>There is no SFTP server on the host.</summary>
    NoSftp,

    /// <summary>A file on the host could not be read or written.</summary>
    FileFailed,

    /// <summary>The host's processors are none that there is an agent for.</summary>
    UnknownArchitecture,

    /// <summary>The connection broke, or nothing came over it any more.</summary>
    ConnectionLost,

    /// <summary><c>blanket-agent</c> is not installed on the host.</summary>
    BlanketAgentMissing,

    /// <summary><c>blanket-agent</c> is installed, but does not answer.</summary>
    BlanketAgentNotRunning,

    /// <summary>The account may not become root: <c>sudo</c> is missing or asks for a password.</summary>
    SudoRefused,
}
