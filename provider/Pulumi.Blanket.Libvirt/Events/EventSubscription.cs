using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Pulumi.Blanket.Libvirt.Events;

/// <summary>Events from the moment of subscribing, across reconnections, in their order.</summary>
public sealed class EventSubscription : IAsyncDisposable
{
    /// <summary>Events that wait to be read; with more, the oldest are dropped, and <see cref="EventsMissed"/> says so.</summary>
    public const int Capacity = 4096;

    private readonly Channel<DomainEvent> _events;
    private readonly Action<EventSubscription> _left;
    private int _dropped;

    internal EventSubscription(Action<EventSubscription> left)
    {
        _left = left;
        _events = Channel.CreateBounded<DomainEvent>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => Interlocked.Increment(ref _dropped));
    }

    /// <summary>The events as they come; ends when the subscription or its client is disposed. For one reader.</summary>
    public async IAsyncEnumerable<DomainEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var received in _events.Reader.ReadAllAsync(cancellationToken))
        {
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
            {
                yield return new EventsMissed($"{dropped} events came faster than they were read");
            }

            yield return received;
        }
    }

    public ValueTask DisposeAsync()
    {
        _left(this);
        Complete();
        return ValueTask.CompletedTask;
    }

    internal void Push(DomainEvent received) => _events.Writer.TryWrite(received);

    internal void Complete() => _events.Writer.TryComplete();
}
