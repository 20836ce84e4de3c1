namespace Pulumi.Blanket.Lab.Hosts;

/// <summary>A libvirt domain and its state in virsh's words, such as <c>running</c>.</summary>
public sealed record GuestListing(string Name, string State);
