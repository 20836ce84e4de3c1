namespace Pulumi.Blanket.Provider;

/// <summary>What an update has to change; nothing where there is no entry.</summary>
/// <param name="Stables">Outputs that stay as they are.</param>
internal sealed record DiffAnswer(IReadOnlyList<DiffEntry> Entries, bool DeleteBeforeReplace, IReadOnlyList<string> Stables);
