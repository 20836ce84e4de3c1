using Pulumi.Blanket.Libvirt.Connection;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Events;

namespace Pulumi.Blanket.Libvirt;

public sealed partial class LibvirtClient
{
    private static readonly DomainEventKind[] EventKinds = Enum.GetValues<DomainEventKind>();

    private readonly Lock _subscriptionsGate = new();
    private readonly List<EventSubscription> _subscriptions = [];

    /// <summary>Subscribes to the events of all domains. What happens after the call returns is in it.</summary>
    public EventSubscription Subscribe()
    {
        EventSubscription subscription = new(Unsubscribe);
        lock (_subscriptionsGate)
        {
            _subscriptions.Add(subscription);
        }

        return subscription;
    }

    // All kinds, always: there are few events, and so no subscriber can come too late on a new connection.
    private async Task<LibvirtConnection> ConnectWithEventsAsync(CancellationToken cancellationToken)
    {
        var connection = await LibvirtConnection.ConnectAsync(Settings(), PushAll, cancellationToken);
        try
        {
            foreach (var kind in EventKinds)
            {
                await connection.RegisterAsync(kind, _options.ConnectTimeout, cancellationToken);
            }

            return connection;
        }
        catch (LibvirtException fault) when (fault.Code is LibvirtErrorCode.NoSupport)
        {
            // A driver without domain events (libvirt's test driver): the rest of it works.
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private void PushAll(DomainEvent received)
    {
        lock (_subscriptionsGate)
        {
            foreach (var subscription in _subscriptions)
            {
                subscription.Push(received);
            }
        }
    }

    private void Unsubscribe(EventSubscription subscription)
    {
        lock (_subscriptionsGate)
        {
            _subscriptions.Remove(subscription);
        }
    }

    private void CompleteSubscriptions()
    {
        lock (_subscriptionsGate)
        {
            foreach (var subscription in _subscriptions)
            {
                subscription.Complete();
            }

            _subscriptions.Clear();
        }
    }
}
