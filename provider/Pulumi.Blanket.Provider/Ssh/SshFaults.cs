using System.Globalization;
using System.Net.Sockets;
using Pulumi.Blanket.Provider.Ssh.Keys;
using Renci.SshNet.Common;
using Renci.SshNet.Messages.Transport;

namespace Pulumi.Blanket.Provider.Ssh;

/// <summary>What the library and the system report, in our words.</summary>
internal static class SshFaults
{
    /// <summary>The same fault for one more caller, so that each has a stack trace of its own.</summary>
    public static SshException Again(this SshException fault)
        => new(fault.Failure, fault.Message, fault.InnerException, fault.IsTransient) { ExitStatus = fault.ExitStatus, ErrorOutput = fault.ErrorOutput };

    public static SshException OfCommand(SshTarget target, string command, int? status, string? signal, string errors)
    {
        var how = status is { } code ? $"exit status {code.ToString(CultureInfo.InvariantCulture)}" : signal is not null ? $"signal {signal}" : "no exit status";
        var said = errors.Trim();
        return new SshException(SshFailure.CommandFailed, $"the command `{command}` on {target} ended with {how}{(said.Length == 0 ? "" : $": {said}")}")
        {
            ExitStatus = status,
            ErrorOutput = said,
        };
    }

    public static SshException OfConnecting(SshTarget target, Exception fault) => fault switch
    {
        SshException ours => ours,
        SshAuthenticationException => new SshException(SshFailure.AuthenticationRefused,
            $"{target} refused the login with what was given ({target.Credentials}): {fault.Message.TrimEnd('.')}; check the user, that the key stands in its authorized_keys, or the password, and what sshd's log on the host says", fault),
        SshOperationTimeoutException or OperationCanceledException or TimeoutException => new SshException(SshFailure.TimedOut,
            $"{target} did not answer; check address and port, and that a firewall lets SSH through", fault, isTransient: true),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => new SshException(SshFailure.Unreachable,
            $"{target} can't be reached: nobody knows the address '{target.Address}'; check its spelling", fault),
        SocketException socket => new SshException(SshFailure.Unreachable,
            $"{target} can't be reached: {socket.Message}; check address and port, and that sshd runs there", fault, isTransient: true),
        ProxyException => new SshException(SshFailure.Unreachable,
            $"{target} can't be reached from {target.LastJump?.Name}, the host before it; check address and port, and that the host before it allows forwarding (AllowTcpForwarding)", fault, isTransient: true),
        SshConnectionException { DisconnectReason: DisconnectReason.KeyExchangeFailed or DisconnectReason.ProtocolVersionNotSupported or DisconnectReason.MacError } => new SshException(SshFailure.Incompatible,
            $"{target} and this program have no SSH algorithm in common, or garbled each other: {fault.Message.TrimEnd('.')}; allow current algorithms in the host's sshd_config", fault),
        SshConnectionException or IOException or ObjectDisposedException => new SshException(SshFailure.Unreachable,
            $"{target} closed the connection before the login was done: {fault.Message.TrimEnd('.')}; check that an SSH server answers there, and its log", fault, isTransient: true),
        SshPassPhraseNullOrEmptyException => new SshException(SshFailure.BadKey, "the private key is encrypted, and its password is missing; give the key's password too"),
        Renci.SshNet.Common.SshException => new SshException(SshFailure.Unreachable,
            $"the connection to {target} could not be made: {fault.Message.TrimEnd('.')}", fault),
        _ => new SshException(SshFailure.Unreachable, $"the connection to {target} could not be made: {fault.Message.TrimEnd('.')}", fault),
    };

    public static SshException HostKeyDiffers(SshTarget target, SshHostKey expected, SshHostKey presented) => new(SshFailure.HostKeyMismatch,
        $"{target} proved itself with another host key than the expected one: expected {expected.Type} {expected.Fingerprint}, got {presented.Type} {presented.Fingerprint}; "
        + $"nothing was sent to it. If the machine was reinstalled or replaced on purpose, set hostKey to '{presented}'; if not, somebody may be in between");
}
