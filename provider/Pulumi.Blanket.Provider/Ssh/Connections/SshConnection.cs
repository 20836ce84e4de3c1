using System.Diagnostics.CodeAnalysis;
using Pulumi.Blanket.Provider.Ssh.Channels;
using Pulumi.Blanket.Provider.Ssh.Forwarding;
using Pulumi.Blanket.Provider.Ssh.Keys;
using Renci.SshNet;

namespace Pulumi.Blanket.Provider.Ssh.Connections;

/// <summary>
/// A connection to a host, shared by all who use the host: commands, streams and files go over channels in it. Owned by
/// <see cref="SshConnections"/>; once it is lost it stays so, and the next use gets another.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Shared: nobody may dispose it but its owner, by Close; what it holds has no handles.")]
public sealed partial class SshConnection
{
    private readonly SshClient _client;
    private readonly SshForward? _forward;
    private readonly SshOptions _options;
    private readonly TcpPath _path;
    private readonly SemaphoreSlim _channels;
    private readonly CancellationTokenSource _lost = new();
    private readonly Lock _gate = new();
    private SshException? _loss;

    private SshConnection(SshTarget target, SshClient client, SshHostKey hostKey, IReadOnlyList<SshHostKey> jumpHostKeys, SshForward? forward, SshOptions options, TcpPath path)
    {
        Target = target;
        HostKey = hostKey;
        JumpHostKeys = jumpHostKeys;
        _client = client;
        _forward = forward;
        _options = options;
        _path = path;
        _channels = new SemaphoreSlim(options.MaxChannels);
        Lost = _lost.Token;
        NoteSignOfLife();
        client.ErrorOccurred += (_, e) => MarkLost(e.Exception.Message, e.Exception);
        _ = WatchAsync();
    }

    public SshTarget Target { get; }

    /// <summary>The key that the host proved itself with: what is to be pinned.</summary>
    public SshHostKey HostKey { get; }

    /// <summary>The keys that the hops on the way proved themselves with, the first one first.</summary>
    public IReadOnlyList<SshHostKey> JumpHostKeys { get; }

    /// <summary>Cancelled once the connection is lost or closed.</summary>
    public CancellationToken Lost { get; }

    // The loss is known before those who wait are told of it, which happens on another thread.
    internal bool IsAlive => Volatile.Read(ref _loss) is null && _client.IsConnected;

    /// <summary>The same host by the same way, with the keys expected that were seen there: whatever connects again meets the same machines, or nobody.</summary>
    public SshTarget Pin(SshTarget target) => target with
    {
        HostKey = HostKey.ToString(),
        Jumps = [.. target.Jumps.Zip(JumpHostKeys, static (jump, key) => jump with { HostKey = key.ToString() })],
    };

    /// <summary>Ends the connection, and all that goes on over it.</summary>
    internal void Close(string why) => MarkLost(why, null);

    internal void MarkLost(string why, Exception? inner)
    {
        lock (_gate)
        {
            if (_loss is not null)
            {
                return;
            }

            _loss = new SshException(SshFailure.ConnectionLost,
                $"the connection to {Target} was lost: {why.TrimEnd('.')}; what was asked for may have happened or not. The next use connects again", inner, isTransient: true);
        }

        // On a dead link closing takes long, and nobody has to wait for it.
        _ = Blocking.RunAsync(() =>
        {
            _lost.Cancel();
            try
            {
                _forward?.Dispose();
                _client.Dispose();
            }
            catch (Exception fault) when (fault is Renci.SshNet.Common.SshException or IOException or ObjectDisposedException or InvalidOperationException or System.Net.Sockets.SocketException)
            {
                // It is gone either way.
            }
        });
    }

    /// <summary>The loss, told of something that it ended.</summary>
    internal SshException LossOf(string what, Exception? otherwise = null)
    {
        SshException? loss;
        lock (_gate)
        {
            loss = _loss;
        }

        return loss is null
            ? new SshException(SshFailure.ConnectionLost, $"{what} on {Target} was cut off: {otherwise?.Message.TrimEnd('.') ?? "the connection is closed"}", otherwise, isTransient: true)
            : new SshException(loss.Failure, $"{what} was cut off: {loss.Message}", loss.InnerException, isTransient: true);
    }
}
