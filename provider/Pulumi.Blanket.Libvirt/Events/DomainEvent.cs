using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Parameters;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Events;

/// <summary>Something that libvirt told unasked; or, as <see cref="EventsMissed"/>, that something may not have been told.</summary>
public abstract record DomainEvent
{
    private protected DomainEvent()
    {
    }

    // Numbers and structures from src/remote/remote_protocol.x; the callback's number comes first in each.
    internal static DomainEvent? TryRead(Message message)
    {
        XdrReader reader = new(message.Payload.Span);
        if (message.Header.Procedure is not (318 or 319 or 324 or 333 or 348 or 359 or 363 or 367))
        {
            return null;
        }

        reader.ReadInt();
        var domain = DomainReference.Read(ref reader);
        return message.Header.Procedure switch
        {
            318 => new DomainLifecycleEvent(domain, (DomainLifecycle)reader.ReadInt(), reader.ReadInt()),
            319 => new DomainRebootEvent(domain),
            324 => new DomainIoErrorEvent(domain, reader.ReadString(), reader.ReadString(), reader.ReadInt(), reader.ReadString()),
            333 => new DeviceRemovedEvent(domain, reader.ReadString()),
            348 => new AgentLifecycleEvent(domain, reader.ReadInt() == 1, reader.ReadInt()),
            359 => new MigrationIterationEvent(domain, reader.ReadInt()),
            363 => new JobCompletedEvent(domain, TypedParameters.Read(ref reader, WireLimits.MaxJobStats)),
            _ => new DeviceRemovalFailedEvent(domain, reader.ReadString()),
        };
    }
}
