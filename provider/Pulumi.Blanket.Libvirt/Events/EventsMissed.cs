namespace Pulumi.Blanket.Libvirt.Events;

/// <summary>
/// Events may be missing from here: the connection was made anew, or events came faster than they were read. What follows is complete
/// again; what is true now has to be asked.
/// </summary>
public sealed record EventsMissed(string Reason) : DomainEvent;
