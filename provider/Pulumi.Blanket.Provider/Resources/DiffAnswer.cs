namespace Pulumi.Blanket.Provider.Resources;

/// <summary>What an update has to change; nothing where there is no entry.</summary>
/// <param name="Stables">Outputs that stay as they are.</param>
/// <param name="Warnings">What the user is told with every preview and update, whether there is something to change or not.</param>
internal sealed record DiffAnswer(IReadOnlyList<DiffEntry> Entries, bool DeleteBeforeReplace, IReadOnlyList<string> Stables, IReadOnlyList<string> Warnings);
