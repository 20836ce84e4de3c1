namespace Pulumi.Blanket.Engine.States;

/// <summary>A state as it was read.</summary>
/// <param name="Stack"><c>organization/project/stack</c>; empty in what <c>stack export</c> wrote.</param>
/// <param name="Written">When it was written; null for a stack that was never deployed.</param>
/// <param name="Secrets">What its secrets are sealed with; null where it names no provider.</param>
public sealed record Checkpoint(string Stack, Snapshot Snapshot, DateTimeOffset? Written, PassphraseSecrets? Secrets)
{
    /// <summary>What the secrets look like in the file, so that one that stays the same is written as it was.</summary>
    internal SealedTexts Sealed { get; init; } = new();
}
