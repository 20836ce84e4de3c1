namespace Pulumi.Blanket.Provider.Ssh;

/// <summary>The channel to an agent: when its command fails, that says how the agent is.</summary>
internal sealed class AgentStream(SshStream channel, SshTarget target) : Stream
{
    // The exit statuses of shells for what is not there, or can't be run.
    private const int NotFound = 127;
    private const int NotExecutable = 126;

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
        try
        {
            return await channel.ReadAsync(buffer, cancellationToken);
        }
        catch (SshException fault)
        {
            throw Explain(fault);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await channel.WriteAsync(buffer, cancellationToken);
        }
        catch (SshException fault)
        {
            throw Explain(fault);
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

    public override Task FlushAsync(CancellationToken cancellationToken) => channel.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => channel.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => channel.Write(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            channel.Dispose();
        }

        base.Dispose(disposing);
    }

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
                $"the user {target.User} can't become root on {target}: there is no sudo; install it, or log in as root"),
            { ExitStatus: NotFound or NotExecutable } => (SshFailure.BlanketAgentMissing, $"blanket-agent is not installed on {target}{said}; an update of the Host resource brings it"),
            _ when fault.ErrorOutput.StartsWith("sudo:", StringComparison.Ordinal) && fault.ErrorOutput.EndsWith("command not found", StringComparison.Ordinal)
                => (SshFailure.BlanketAgentMissing, $"blanket-agent is not installed on {target}{said}; an update of the Host resource brings it"),
            _ when fault.ErrorOutput.StartsWith("sudo:", StringComparison.Ordinal) || fault.ErrorOutput.Contains("sudoers", StringComparison.Ordinal)
                => (SshFailure.SudoRefused, $"the user {target.User} can't become root on {target} without being asked{said}; allow `sudo -n` for it (NOPASSWD), or log in as root"),
            _ => (SshFailure.BlanketAgentNotRunning, $"blanket-agent on {target} does not answer{said}; see `systemctl status blanket-agent` there"),
        };
        return new SshException(failure, message, fault, isTransient: failure == SshFailure.BlanketAgentNotRunning) { ExitStatus = fault.ExitStatus, ErrorOutput = fault.ErrorOutput };
    }
}
