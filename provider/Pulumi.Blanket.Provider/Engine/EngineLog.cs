using System.Diagnostics;
using System.Threading.Channels;
using Grpc.Core;
using Grpc.Net.Client;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Provider.Agents;
using EngineClient = Pulumi.Blanket.Protocol.Contract.Engine.EngineClient;

namespace Pulumi.Blanket.Provider.Engine;

/// <summary>
/// Sends messages to the engine that started the plugin, in order, beside the operations: an engine that is slow or gone holds up none. Without an engine
/// nothing is sent.
/// </summary>
internal sealed class EngineLog : IAsyncDisposable
{
    private const int Waiting = 1000;

    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(5);

    private readonly Channel<EngineMessage> _messages = Channel.CreateBounded<EngineMessage>(new BoundedChannelOptions(Waiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Lock _lock = new();
    private string? _address;
    private Task? _sending;
    private long _written;
    private long _sent;
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Sends to this engine from now on.</summary>
    public void Connect(string address)
    {
        lock (_lock)
        {
            _address = address.Length == 0 ? _address : address;
        }
    }

    public void Write(EngineMessage message)
    {
        lock (_lock)
        {
            if (_address is null)
            {
                return;
            }

            _written++;
            _messages.Writer.TryWrite(message);
            _sending ??= Task.Run(SendAsync);
        }
    }

    /// <summary>Waits until what was written so far is sent, so that it comes before the answer of the operation that wrote it; not longer than the limit.</summary>
    public async Task FlushAsync(TimeSpan limit)
    {
        long written;
        lock (_lock)
        {
            written = _written;
        }

        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            Task next;
            lock (_lock)
            {
                if (_sent >= written)
                {
                    return;
                }

                next = _progress.Task;
            }

            var left = limit - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || await Task.WhenAny(next, Task.Delay(left)) != next)
            {
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _messages.Writer.TryComplete();
        if (_sending is not null)
        {
            await _sending;
        }
    }

    private async Task SendAsync()
    {
        GrpcChannel? channel = null;
        string? connected = null;
        await foreach (var message in _messages.Reader.ReadAllAsync())
        {
            try
            {
                if (connected != _address)
                {
                    channel?.Dispose();
                    channel = GrpcChannel.ForAddress($"http://{_address}");
                    connected = _address;
                }

                await TimedCall.RunAsync(
                    limit => new EngineClient(channel).LogAsync(
                        new LogRequest { Severity = (LogSeverity)message.Severity, Message = message.Text, Urn = message.Urn, Ephemeral = message.IsProgress }, cancellationToken: limit),
                    SendLimit);
            }
            catch (Exception fault) when (fault is RpcException or UriFormatException)
            {
                // The user may miss a message; an operation must not fail for it.
            }

            lock (_lock)
            {
                // Messages that were dropped count as sent.
                _sent = _written - _messages.Reader.Count;
                _progress.TrySetResult();
                _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        channel?.Dispose();
    }
}
