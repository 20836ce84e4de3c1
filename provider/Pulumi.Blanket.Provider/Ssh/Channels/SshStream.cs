using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Pulumi.Blanket.Provider.Ssh.Connections;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Pulumi.Blanket.Provider.Ssh.Channels;

/// <summary>
/// A command on a host, as a stream: what is written goes to its standard input, what is read is its standard output. When the
/// command ends with an error, reads fail with it. Disposing closes the channel. One reader and one writer at a time.
/// </summary>
/// <remarks>
/// The library fetches what the host sends whether or not it is read, so a slow reader needs memory: protocols with flow control
/// of their own (HTTP/2, SFTP) bound it. Writes wait for the host to take what was written before.
/// </remarks>
public sealed class SshStream : Stream
{
    private const int ReadSize = 64 * 1024;
    private const int WritesAhead = 1024 * 1024;
    private const int KeptErrors = 16 * 1024;
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(2);

    private readonly SshConnection _connection;
    private readonly SshCommand _command;
    private readonly Task _execution;
    private readonly Stream? _input;
    private readonly Action _closed;
    private readonly TailBuffer _errors = new(KeptErrors);
    private readonly Pipe _incoming = new(new PipeOptions(pauseWriterThreshold: 0, resumeWriterThreshold: 0, minimumSegmentSize: ReadSize, useSynchronizationContext: false));
    private readonly Pipe _outgoing = new(new PipeOptions(pauseWriterThreshold: WritesAhead, resumeWriterThreshold: WritesAhead / 2, minimumSegmentSize: ReadSize, useSynchronizationContext: false));
    private readonly TaskCompletionSource<int?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _lost;
    private volatile SshException? _fault;
    private int _isDisposed;

    internal SshStream(SshConnection connection, string commandText, SshCommand command, Task execution, Stream? input, Action closed)
    {
        _connection = connection;
        CommandText = commandText;
        _command = command;
        _execution = execution;
        _input = input;
        _closed = closed;

        // Nobody has to wait for the end of a command that nobody asks for.
        _ = _ended.Task.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        // The library's stream can only be read by blocking: a thread of its own for each channel, so that no channel waits for a free one.
        new Thread(Receive) { IsBackground = true, Name = "ssh channel" }.Start();
        _ = SendAsync();
        _lost = connection.Lost.Register(static state => ((SshStream)state!).OnLost(), this);
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

    /// <summary>The end of what the command wrote to standard error up to now.</summary>
    public string ErrorOutput => _errors.ToString();

    /// <summary>Why the channel can't be used any more; null as long as it can, and after an end without error.</summary>
    public SshException? Fault => _fault;

    /// <summary>The command's exit status once it ended, null where a signal ended it; fails when the connection is lost before.</summary>
    internal Task<int?> Ended => _ended.Task;

    internal string CommandText { get; }

    /// <summary>Whether what is sent to the host is acknowledged.</summary>
    internal PathState ReadPath() => _connection.ReadPath();

    /// <summary>Ends the command's standard input; reading goes on. The host learns of it only where something was written.</summary>
    public void CompleteWrites() => _outgoing.Writer.Complete();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            // Again after each wait: disposing ends it.
            ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
            var result = await _incoming.Reader.ReadAsync(cancellationToken);
            if (!result.Buffer.IsEmpty)
            {
                var part = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
                var count = (int)part.Length;
                part.CopyTo(buffer.Span);
                _incoming.Reader.AdvanceTo(part.End);
                return count;
            }

            _incoming.Reader.AdvanceTo(result.Buffer.End);
            if (_fault is { } fault)
            {
                throw fault.Again();
            }

            if (result.IsCompleted)
            {
                return 0;
            }
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // In parts, so that one large write does not lie in memory twice.
        while (!buffer.IsEmpty)
        {
            ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
            if (_fault is { } fault)
            {
                throw fault.Again();
            }

            var part = buffer[..Math.Min(buffer.Length, WritesAhead / 4)];
            buffer = buffer[part.Length..];
            var result = await _outgoing.Writer.WriteAsync(part, cancellationToken);
            if (result.IsCompleted)
            {
                throw _fault is { } ended
                    ? ended.Again()
                    : new SshException(SshFailure.CommandFailed, $"the command `{CommandText}` on {_connection.Target} takes no more input; it ended") { ExitStatus = 0 };
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => cancellationToken.IsCancellationRequested ? Task.FromCanceled(cancellationToken) : Task.CompletedTask;

    public override void Flush()
    {
        // What is written is on its way.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read asynchronously");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("write asynchronously");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Closes the channel, and asks the host to end the command. sshd does not end one of root's: such a command has to heed the end of its input or output.</summary>
    internal void Kill() => Close(kill: true);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Close(kill: false);
        }

        base.Dispose(disposing);
    }

    private void Close(bool kill)
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        _lost.Dispose();
        _outgoing.Writer.Complete();
        _incoming.Reader.CancelPendingRead();
        // Closing waits for the host's answer, on a dead link in vain: nobody has to wait for that.
        _ = Blocking.RunAsync(() =>
        {
            try
            {
                if (kill)
                {
                    _command.CancelAsync(forceKill: false, millisecondsTimeout: 0);
                }

                _command.Dispose();
            }
            catch (Exception fault) when (fault is Renci.SshNet.Common.SshException or IOException or ObjectDisposedException or InvalidOperationException or System.Net.Sockets.SocketException)
            {
                // The connection is gone, and the channel with it.
            }
            finally
            {
                _closed();
            }
        });
    }

    private void OnLost()
    {
        _fault = _connection.LossOf($"`{CommandText}`");
        _incoming.Reader.CancelPendingRead();
        _outgoing.Writer.CancelPendingFlush();
        _ended.TrySetException(_fault);
    }

    // On a thread of its own.
    private void Receive()
    {
        try
        {
            var output = _command.OutputStream;
            while (true)
            {
                var count = output.Read(_incoming.Writer.GetSpan(ReadSize));
                if (count == 0)
                {
                    break;
                }

                _connection.NoteSignOfLife();
                ReceiveErrors();
                _incoming.Writer.Advance(count);
                // Completes at once: the pipe has no upper limit.
                var flushed = _incoming.Writer.FlushAsync();
                if (flushed.IsCompleted && flushed.Result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // The command was disposed while its output was awaited.
        }

        ReceiveErrors();
        _ = EndAsync();
    }

    private void ReceiveErrors()
    {
        var errors = _command.ExtendedOutputStream;
        Span<byte> buffer = stackalloc byte[4096];
        // With something there, reading does not block.
        while (errors.Length > 0 && errors.Read(buffer) is > 0 and var count)
        {
            _errors.Write(buffer[..count]);
        }
    }

    private async Task EndAsync()
    {
        try
        {
            await _execution;
            var status = _command.ExitStatus;
            if (status != 0)
            {
                _fault ??= SshFaults.OfCommand(_connection.Target, CommandText, status, _command.ExitSignal, ErrorOutput);
            }

            _ended.TrySetResult(status);
        }
        catch (Exception fault)
        {
            if (_isDisposed == 0 && (fault is SshConnectionException or IOException or System.Net.Sockets.SocketException or SshOperationTimeoutException))
            {
                _connection.MarkLost(fault.Message, fault);
            }

            _fault ??= _connection.LossOf($"`{CommandText}`", fault);
            _ended.TrySetException(_fault);
        }

        _incoming.Writer.Complete();
        _outgoing.Writer.CancelPendingFlush();
        await _outgoing.Reader.CompleteAsync();
    }

    private async Task SendAsync()
    {
        await Task.Yield();
        var reader = _outgoing.Reader;
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync();
                if (_input is not null)
                {
                    foreach (var part in result.Buffer)
                    {
                        // Blocks while the host takes no more.
                        if (MemoryMarshal.TryGetArray(part, out var array))
                        {
                            _input.Write(array.Array!, array.Offset, array.Count);
                        }
                        else
                        {
                            _input.Write(part.ToArray());
                        }
                    }
                }

                reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }

            // Says to the host that nothing follows, where it was told anything.
            if (_isDisposed == 0 && _input is not null)
            {
                await _input.DisposeAsync();
            }
        }
        catch (Exception fault)
        {
            // The command ended, or the connection: how is known in a moment, and whoever writes is to learn it.
            if (_isDisposed == 0 && (fault is SshConnectionException or IOException or System.Net.Sockets.SocketException))
            {
                _connection.MarkLost(fault.Message, fault);
            }

            await Task.WhenAny(_ended.Task, Task.Delay(EndPatience));
            if (!_ended.Task.IsCompleted)
            {
                _fault ??= _connection.LossOf($"`{CommandText}`", fault);
            }

            await reader.CompleteAsync();
        }
    }
}
