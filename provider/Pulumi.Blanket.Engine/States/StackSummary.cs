namespace Pulumi.Blanket.Engine.States;

/// <summary>A stack in a list.</summary>
/// <param name="LastUpdate">Null for one that was never deployed.</param>
/// <param name="ResourceCount">Null where the state can't be read.</param>
/// <param name="IsLocked">Somebody changes it, or did and broke off.</param>
public sealed record StackSummary(StackReference Stack, DateTimeOffset? LastUpdate, int? ResourceCount, bool IsLocked);
