using System.Diagnostics;
using Pulumi.Blanket.Provider.Ssh.Channels;
using Pulumi.Blanket.Provider.Ssh.Connections;

namespace Pulumi.Blanket.Provider.Ssh.Agent;

/// <summary>
/// The channel to an agent: when its command fails, that says how the agent is; and an agent that is silent although it was asked for
/// something, if only by HTTP/2's pings, is taken for dead, unless its host's kernel acknowledges that: such a host is busy.
/// </summary>
internal sealed class AgentStream : Stream
{
    // The exit statuses of shells for what is not there, or can't be run.
    private const int NotFound = 127;
    private const int NotExecutable = 126;

    private const int FirstRead = 4096;
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(250);

    // How every HTTP/2 connection starts (RFC 9113, section 3.4).
    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    private readonly SshStream _channel;
    private readonly SshTarget _target;
    private readonly AgentOptions _options;
    private readonly CancellationTokenSource _silent = new();
    private readonly CancellationTokenSource _closed = new();

    // HTTP/2 closes the stream for a fault of the one direction, and what the other one meets then is what it reports.
    private volatile SshException? _fault;

    // Why it is taken for dead.
    private volatile string? _silence;

    // When the first of what is unanswered was sent; 0 where nothing is.
    private long _askedAt;

    // What the agent said to the preface, not read yet; and how much of the caller's own preface is still to come.
    private ReadOnlyMemory<byte> _first;
    private int _prefaceLeft = Preface.Length;

    private AgentStream(SshStream channel, SshTarget target, AgentOptions options)
    {
        _channel = channel;
        _target = target;
        _options = options;
        _ = WatchAsync();
    }

    /// <summary>
    /// Sends HTTP/2's preface and waits for the agent's first words, so that an agent that is not there is told by its own reason: .NET's
    /// HTTP/2 loses it in one of a few cases. The caller's own preface is swallowed in turn.
    /// </summary>
    /// <exception cref="SshException">There is no agent, or it does not answer.</exception>
    public static async Task<AgentStream> GreetAsync(SshStream channel, SshTarget target, AgentOptions options, CancellationToken cancellationToken)
    {
        AgentStream stream = new(channel, target, options);
        try
        {
            stream._prefaceLeft = 0;
            await stream.WriteAsync(Preface, cancellationToken);
            stream._prefaceLeft = Preface.Length;
            var first = new byte[FirstRead];
            var count = await stream.ReadAsync(first, cancellationToken);
            if (count == 0)
            {
                throw new SshException(SshFailure.BlanketAgentNotRunning, $"blanket-agent on {target} closed the connection at once; see `systemctl status blanket-agent` there", isTransient: true);
            }

            stream._first = first.AsMemory(0, count);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_first.IsEmpty)
        {
            var part = _first[..Math.Min(buffer.Length, _first.Length)];
            part.CopyTo(buffer);
            _first = _first[part.Length..];
            return part.Length;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _silent.Token);
        try
        {
            var count = await _channel.ReadAsync(buffer, either.Token);
            if (count > 0)
            {
                Volatile.Write(ref _askedAt, 0);
            }

            return count;
        }
        catch (SshException fault)
        {
            throw Remember(Explain(fault));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Remember(Silence());
        }
        catch (ObjectDisposedException) when (_fault is { } fault)
        {
            throw fault.Again();
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var swallowed = Math.Min(_prefaceLeft, buffer.Length);
        _prefaceLeft -= swallowed;
        buffer = buffer[swallowed..];
        if (buffer.IsEmpty)
        {
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _silent.Token);
        try
        {
            Interlocked.CompareExchange(ref _askedAt, Stopwatch.GetTimestamp(), 0);
            await _channel.WriteAsync(buffer, either.Token);
        }
        catch (SshException fault)
        {
            throw Remember(Explain(fault));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Remember(Silence());
        }
        catch (ObjectDisposedException) when (_fault is { } fault)
        {
            throw fault.Again();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // What is written is on its way.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _channel.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => _channel.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => _channel.Write(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _closed.Cancel();
            _channel.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task WatchAsync()
    {
        using PeriodicTimer timer = new(WatchPeriod);
        try
        {
            while (await timer.WaitForNextTickAsync(_closed.Token))
            {
                if (Volatile.Read(ref _askedAt) is not 0 and var asked && Stopwatch.GetElapsedTime(asked) is var silence && silence > _options.AnswerTimeout)
                {
                    var path = _channel.ReadPath();
                    if (path == PathState.Acknowledging && silence < _options.SilenceLimit)
                    {
                        continue;
                    }

                    _silence = $"blanket-agent on {_target} did not answer for {silence.TotalSeconds:0.#} s: {path switch
                    {
                        PathState.Dead => "the link is dead, since nothing that was sent there is acknowledged",
                        PathState.Acknowledging => "the host is there, and the agent hangs",
                        _ => "the link is dead, or the agent hangs",
                    }}";
                    await _silent.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It is closed, and nothing is left to watch.
        }
    }

    private SshException Remember(SshException fault)
    {
        _fault ??= fault;
        return fault;
    }

    private SshException Silence() => new(SshFailure.ConnectionLost, $"{_silence}; what was asked for may have happened or not. The next call connects again", isTransient: true);

    private SshException Explain(SshException fault)
    {
        if (fault.Failure != SshFailure.CommandFailed)
        {
            return fault;
        }

        var said = fault.ErrorOutput.Length == 0 ? "" : $" ({fault.ErrorOutput})";
        var (failure, message) = fault switch
        {
            // sudo answers 1 for all that it does not do.
            { ExitStatus: NotFound } when fault.ErrorOutput.Contains("sudo", StringComparison.Ordinal) => (SshFailure.SudoRefused,
                $"the user {_target.User} can't become root on {_target}: there is no sudo; install it, or log in as root"),
            { ExitStatus: NotFound or NotExecutable } => (SshFailure.BlanketAgentMissing, $"blanket-agent is not installed on {_target}{said}; an update of the Host resource brings it"),
            _ when fault.ErrorOutput.StartsWith("sudo:", StringComparison.Ordinal) && fault.ErrorOutput.EndsWith("command not found", StringComparison.Ordinal)
                => (SshFailure.BlanketAgentMissing, $"blanket-agent is not installed on {_target}{said}; an update of the Host resource brings it"),
            _ when fault.ErrorOutput.StartsWith("sudo:", StringComparison.Ordinal) || fault.ErrorOutput.Contains("sudoers", StringComparison.Ordinal)
                => (SshFailure.SudoRefused, $"the user {_target.User} can't become root on {_target} without being asked{said}; allow `sudo -n` for it (NOPASSWD), or log in as root"),
            _ => (SshFailure.BlanketAgentNotRunning, $"blanket-agent on {_target} does not answer{said}; see `systemctl status blanket-agent` there"),
        };
        return new SshException(failure, message, fault.InnerException, isTransient: failure == SshFailure.BlanketAgentNotRunning) { ExitStatus = fault.ExitStatus, ErrorOutput = fault.ErrorOutput };
    }
}
