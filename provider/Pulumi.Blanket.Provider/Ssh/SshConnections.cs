using System.Collections.Concurrent;
using Pulumi.Blanket.Provider.Ssh.Connections;
using Pulumi.Blanket.Provider.Ssh.Keys;

namespace Pulumi.Blanket.Provider.Ssh;

/// <summary>
/// All SSH connections of a process: one per account of a host and way to it, shared by all who use it, made when first used, and anew
/// after it was lost.
/// </summary>
public sealed class SshConnections(SshOptions? options = null) : IAsyncDisposable
{
    private readonly SshOptions _options = options ?? new SshOptions();
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _lifetime = new();

    /// <summary>The connection to a host. Who asks while it is being made waits for the same attempt.</summary>
    /// <exception cref="SshException">It could not be made, or the host's key is not the expected one.</exception>
    public async Task<SshConnection> GetAsync(SshTarget target, CancellationToken cancellationToken = default)
    {
        var entry = _entries.GetOrAdd(target.Identity, static _ => new Entry());
        while (true)
        {
            ObjectDisposedException.ThrowIf(_lifetime.IsCancellationRequested, this);
            cancellationToken.ThrowIfCancellationRequested();
            SshTarget asked;
            Task<SshConnection> attempt;
            lock (entry)
            {
                if (entry.Attempt is null || entry.HasEnded)
                {
                    entry.Target = target;
                    // Not of the one who happened to ask first: others wait for it too.
                    entry.Attempt = Task.Run(() => entry.ConnectAsync(target, _options, GetAsync, _lifetime.Token), CancellationToken.None);
                }

                asked = entry.Target!;
                attempt = entry.Attempt;
            }

            SshConnection connection;
            try
            {
                connection = await attempt.WaitAsync(cancellationToken);
            }
            catch (SshException) when (!asked.Equals(target))
            {
                // They expected another key than we do: their failure need not be ours.
                continue;
            }
            catch (SshException fault)
            {
                throw fault.Again();
            }
            catch (OperationCanceledException) when (_lifetime.IsCancellationRequested)
            {
                throw new ObjectDisposedException(nameof(SshConnections));
            }

            // It may have been made for somebody who expected no key, or another one.
            foreach (var (machine, key) in target.Jumps.Zip(connection.JumpHostKeys).Append((target, connection.HostKey)))
            {
                RefuseOther(machine, key);
            }

            if (await connection.IsUsableAsync())
            {
                return connection;
            }

            // Lost since; the next round makes another.
            connection.Close("the host closed it");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _lifetime.CancelAsync();
        foreach (var entry in _entries.Values)
        {
            if (entry.Attempt is { } attempt)
            {
                await ((Task)attempt).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                entry.Connection?.Close("this program ends");
            }
        }
    }

    private static void RefuseOther(SshTarget target, SshHostKey presented)
    {
        if (target.HostKey is null)
        {
            return;
        }

        if (!SshHostKey.TryParse(target.HostKey, out var expected))
        {
            throw new SshException(SshFailure.BadHostKey, $"the expected host key of {target} can't be read: {SshHostKey.Validate(target.HostKey)}");
        }

        if (presented != expected)
        {
            throw SshFaults.HostKeyDiffers(target, expected, presented);
        }
    }

    private sealed class Entry
    {
        public Task<SshConnection>? Attempt { get; set; }

        public SshTarget? Target { get; set; }

        public SshConnection? Connection { get; private set; }

        /// <summary>A failed attempt is not remembered, and a lost connection not kept.</summary>
        public bool HasEnded => Attempt is { IsCompleted: true } && Connection is not { IsAlive: true };

        public async Task<SshConnection> ConnectAsync(
            SshTarget target, SshOptions options, Func<SshTarget, CancellationToken, Task<SshConnection>> connectJump, CancellationToken cancellationToken)
        {
            Connection = null;
            return Connection = await SshConnection.ConnectAsync(target, options, connectJump, cancellationToken);
        }
    }
}
