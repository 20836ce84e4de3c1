using System.Net.Sockets;
using Pulumi.Blanket.Provider.Ssh.Channels;
using Renci.SshNet.Common;

namespace Pulumi.Blanket.Provider.Ssh.Connections;

public sealed partial class SshConnection
{
    private const int MaxRefusals = 40;
    private static readonly TimeSpan RefusalPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Starts a command, with its standard input and output as a stream. Waits while too many channels are open.</summary>
    /// <exception cref="SshException">The channel was refused, or the connection was lost.</exception>
    public async Task<SshStream> OpenChannelAsync(string command, CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Lost);
        Flight flight = new(this);
        var hasSlot = false;
        try
        {
            await _channels.WaitAsync(either.Token);
            hasSlot = true;
            for (var refusals = 1; ; refusals++)
            {
                try
                {
                    return await StartAsync(command, () =>
                    {
                        flight.Dispose();
                        _channels.Release();
                    }, either.Token);
                }
                catch (SshException refusal) when (refusal.Failure == SshFailure.ChannelRefused && refusals < MaxRefusals)
                {
                    // sshd counts a session until its process is gone, a moment after its channel.
                    await Task.Delay(RefusalPause, either.Token);
                }
            }
        }
        catch (Exception fault)
        {
            flight.Dispose();
            if (hasSlot)
            {
                _channels.Release();
            }

            if (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw LossOf($"`{command}`");
            }

            throw;
        }
    }

    /// <summary>Runs a command to its end.</summary>
    /// <param name="input">For its standard input, which is ended after it. Without input (null or empty) standard input stays open and silent.</param>
    /// <returns>How it ended; an exit status other than 0 is no exception.</returns>
    /// <exception cref="SshException">The channel was refused, or the connection was lost.</exception>
    public async Task<SshCommandResult> RunAsync(string command, ReadOnlyMemory<byte>? input = null, CancellationToken cancellationToken = default)
    {
        var channel = await OpenChannelAsync(command, cancellationToken);
        try
        {
            var writing = WriteAllAsync(channel, input ?? default, cancellationToken);
            var (output, isTruncated) = await ReadAllAsync(channel, cancellationToken);
            var status = await channel.Ended.WaitAsync(cancellationToken);
            await writing;
            await channel.DisposeAsync();
            return new SshCommandResult(status, output, channel.ErrorOutput, isTruncated);
        }
        catch
        {
            channel.Kill();
            throw;
        }
    }

    /// <summary>As <see cref="RunAsync"/>, of a command that must succeed.</summary>
    /// <exception cref="SshException">It did not; see <see cref="SshException.ExitStatus"/>.</exception>
    public async Task<SshCommandResult> RunOrThrowAsync(string command, ReadOnlyMemory<byte>? input = null, CancellationToken cancellationToken = default)
    {
        var result = await RunAsync(command, input, cancellationToken);
        return result.ExitStatus == 0 ? result : throw SshFaults.OfCommand(Target, command, result.ExitStatus, null, result.Error);
    }

    private static async Task WriteAllAsync(SshStream channel, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            await channel.WriteAsync(input, cancellationToken);
            if (!input.IsEmpty)
            {
                channel.CompleteWrites();
            }
        }
        catch (Exception fault) when (fault is SshException or ObjectDisposedException)
        {
            // A command need not read its input to the end: how it ended says what there is to say.
        }
    }

    private async Task<(byte[] Output, bool IsTruncated)> ReadAllAsync(SshStream channel, CancellationToken cancellationToken)
    {
        using MemoryStream output = new();
        var isTruncated = false;
        var buffer = new byte[32 * 1024];
        try
        {
            while (await channel.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                var kept = (int)Math.Min(count, _options.MaxOutputBytes - output.Length);
                output.Write(buffer, 0, kept);
                isTruncated |= kept < count;
            }
        }
        catch (SshException fault) when (fault.Failure == SshFailure.CommandFailed)
        {
            // The exit status tells it.
        }

        return (output.ToArray(), isTruncated);
    }

    private async Task<SshStream> StartAsync(string text, Action closed, CancellationToken cancellationToken)
    {
        // The library opens a channel by waiting for the host on the caller's thread: not on one that others need.
        var starting = Blocking.RunAsync(() =>
        {
            var command = _client.CreateCommand(text);
            try
            {
                var execution = command.ExecuteAsync(CancellationToken.None);
                Stream? input = null;
                try
                {
                    input = command.CreateInputStream();
                }
                catch (InvalidOperationException)
                {
                    // The command has already ended.
                }

                return (Command: command, Execution: execution, Input: input);
            }
            catch
            {
                command.Dispose();
                throw;
            }
        });
        try
        {
            var started = await starting.WaitAsync(_options.OpenTimeout, cancellationToken);
            NoteSignOfLife();
            return new SshStream(this, text, started.Command, started.Execution, started.Input, closed);
        }
        catch (Exception fault) when (fault is TimeoutException or OperationCanceledException)
        {
            _ = starting.ContinueWith(static late =>
            {
                if (late.IsCompletedSuccessfully)
                {
                    late.Result.Command.Dispose();
                }
                else
                {
                    _ = late.Exception;
                }
            }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (fault is TimeoutException)
            {
                throw new SshException(SshFailure.TimedOut, $"`{text}` could not be started on {Target}: the host did not answer within {_options.OpenTimeout.TotalSeconds:0} s", fault, isTransient: true);
            }

            throw;
        }
        catch (Exception fault) when (fault is SshConnectionException or SocketException or IOException or ObjectDisposedException or SshOperationTimeoutException)
        {
            MarkLost(fault.Message, fault);
            throw LossOf($"`{text}`", fault);
        }
        catch (Renci.SshNet.Common.SshException fault)
        {
            throw new SshException(SshFailure.ChannelRefused,
                $"{Target} refused to start `{text}`: {fault.Message.TrimEnd('.')}; check MaxSessions in its sshd_config, and its log", fault);
        }
    }
}
