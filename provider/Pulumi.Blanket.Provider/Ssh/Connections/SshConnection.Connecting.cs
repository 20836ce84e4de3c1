using System.Diagnostics;
using System.Net;
using Pulumi.Blanket.Provider.Ssh.Forwarding;
using Pulumi.Blanket.Provider.Ssh.Keys;
using Renci.SshNet;

namespace Pulumi.Blanket.Provider.Ssh.Connections;

public sealed partial class SshConnection
{
    // How long a host may keep a channel's window shut before a write to it fails: as good as never, but no thread for ever.
    private static readonly TimeSpan StallTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Connects and logs in, with attempts until the time limit as long as another may succeed.</summary>
    /// <param name="connectJump">Gives the connection to the hop before the host.</param>
    /// <exception cref="SshException">It could not be done, or not in time.</exception>
    internal static async Task<SshConnection> ConnectAsync(
        SshTarget target, SshOptions options, Func<SshTarget, CancellationToken, Task<SshConnection>> connectJump, CancellationToken cancellationToken)
    {
        var expected = Expected(target);
        if (target.Credentials.IsEmpty)
        {
            throw new SshException(SshFailure.NoCredentials, $"there is nothing to log in to {target} with; give a private key or a password, or let an SSH agent hold the key (SSH_AUTH_SOCK)");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        var started = Stopwatch.GetTimestamp();
        var pause = options.FirstPause;
        SshException? last = null;
        for (var attempts = 1; ; attempts++)
        {
            try
            {
                // Its own attempts are the hop's affair, and so are its faults.
                var jump = target.LastJump is { } hop ? await connectJump(hop, limit.Token) : null;
                try
                {
                    return await ConnectOnceAsync(target, expected, options, jump, options.ConnectTimeout - Stopwatch.GetElapsedTime(started), limit.Token);
                }
                catch (SshException fault) when (fault.IsTransient && !limit.IsCancellationRequested)
                {
                    last = fault;
                }

                // Shorter at random, so that many clients of one host do not come back in step.
                await Task.Delay(pause * (1 - (Random.Shared.NextDouble() / 2)), limit.Token);
                pause = pause * 2 < options.LongestPause ? pause * 2 : options.LongestPause;
            }
            catch (Exception fault) when (limit.IsCancellationRequested && (fault is OperationCanceledException || fault is SshException { IsTransient: true }))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var within = $"(within {options.ConnectTimeout.TotalSeconds:0.#} s, {attempts} {(attempts == 1 ? "attempt" : "attempts")})";
                last ??= SshFaults.OfConnecting(target, fault);
                throw new SshException(last.Failure, $"{last.Message} {within}", last.InnerException, isTransient: true);
            }
        }
    }

    /// <summary>A TCP connection from this host to another one, that only we can use.</summary>
    internal SshForward OpenForward(string address, int port) => SshForward.Start(_client, address, port);

    private static async Task<SshConnection> ConnectOnceAsync(
        SshTarget target, SshHostKey? expected, SshOptions options, SshConnection? jump, TimeSpan timeLeft, CancellationToken cancellationToken)
    {
        SshForward? forward = null;
        SshClient? client = null;
        var connecting = Task.CompletedTask;
        SshLogin? login = null;
        SshHostKey? presented = null;
        var isKept = false;
        try
        {
            // Blocks while an SSH agent is asked.
            login = await Task.Run(() => SshLogin.Create(target), cancellationToken).WaitAsync(cancellationToken);
            ConnectionInfo info;
            if (jump is null)
            {
                info = new ConnectionInfo(target.Address, target.Port, target.User, login.Methods);
            }
            else
            {
                forward = jump.OpenForward(target.Address, target.Port);
                info = new ConnectionInfo(target.Address, target.Port, target.User, ProxyTypes.Http, IPAddress.Loopback.ToString(), forward.Port, SshForward.ProxyUser, forward.Secret, login.Methods);
            }

            info.Timeout = timeLeft > TimeSpan.FromSeconds(1) ? timeLeft : TimeSpan.FromSeconds(1);
            info.ChannelCloseTimeout = CloseTimeout;
            // Counted by us, without blocking threads.
            info.MaxSessions = int.MaxValue;
            info.RetryAttempts = 1;
            ChooseAlgorithms(info, expected);
            client = new SshClient(info);
            client.HostKeyReceived += (_, e) =>
            {
                presented = SshHostKey.FromBlob(e.HostKey);
                e.CanTrust = presented is not null && (expected is null || presented == expected);
            };

            var connected = client;
            connecting = Task.Run(() => connected.ConnectAsync(cancellationToken), CancellationToken.None);
            await connecting.WaitAsync(cancellationToken);
            info.Timeout = StallTimeout;
            if (!client.IsConnected || presented is null)
            {
                throw new SshException(SshFailure.Unreachable, $"{target} closed the connection right after the login; see sshd's log on the host", isTransient: true);
            }

            isKept = true;
            return new SshConnection(target, client, presented, jump is null ? [] : [.. jump.JumpHostKeys, jump.HostKey], forward, options, jump?._path.Beyond() ?? new TcpPath(target.Address, target.Port));
        }
        catch (Exception) when (expected is not null && presented is not null && presented != expected)
        {
            throw SshFaults.HostKeyDiffers(target, expected, presented);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested || fault is SshException)
        {
            throw SshFaults.OfConnecting(target, fault);
        }
        finally
        {
            if (!isKept)
            {
                // What is given up may still be on its way, and is taken down when it arrives.
                _ = TakeDownAsync(connecting, client, forward, login);
            }
        }
    }

    private static async Task TakeDownAsync(Task connecting, SshClient? client, SshForward? forward, SshLogin? login)
    {
        forward?.Dispose();
        await connecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        try
        {
            client?.Dispose();
        }
        catch (Exception fault) when (fault is Renci.SshNet.Common.SshException or IOException or ObjectDisposedException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            // It never became a connection.
        }

        login?.Dispose();
    }

    private static SshHostKey? Expected(SshTarget target)
    {
        if (target.HostKey is null)
        {
            return null;
        }

        return SshHostKey.TryParse(target.HostKey, out var key) ? key : throw new SshException(SshFailure.BadHostKey, $"the expected host key of {target} can't be read: {SshHostKey.Validate(target.HostKey)}");
    }

    private static void ChooseAlgorithms(ConnectionInfo info, SshHostKey? expected)
    {
        // Certificates would be another thing to pin; SHA-1 is no proof any more.
        foreach (var name in info.HostKeyAlgorithms.Keys.Where(name => name.Contains("-cert-", StringComparison.Ordinal) || name is "ssh-rsa" or "ssh-dss").ToList())
        {
            info.HostKeyAlgorithms.Remove(name);
        }

        // A host with several keys shows the one of the kind that is asked for first.
        foreach (var name in expected?.Type == "ssh-rsa" ? ["rsa-sha2-256", "rsa-sha2-512"] : expected is null ? [] : (string[])[expected.Type])
        {
            if (info.HostKeyAlgorithms.ContainsKey(name))
            {
                info.HostKeyAlgorithms.SetPosition(name, 0);
            }
        }

        // Encrypting and authenticating in one go is the fastest where processors help with it.
        foreach (var name in (string[])["aes256-gcm@openssh.com", "aes128-gcm@openssh.com"])
        {
            if (info.Encryptions.ContainsKey(name))
            {
                info.Encryptions.SetPosition(name, 0);
            }
        }
    }
}
