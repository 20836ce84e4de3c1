namespace Pulumi.Blanket.Lab.Guests;

/// <summary>A disk as the guest sees it, such as <c>vda</c>.</summary>
public sealed record GuestDisk(string Name, long SizeBytes);
