using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Resources;

/// <summary>What the engine asks a Diff.</summary>
/// <param name="IgnoreChanges">Paths that the user wants ignored; the engine has put the old values into the new inputs already.</param>
internal sealed record DiffCall(string Id, string Urn, ObjectValue OldInputs, ObjectValue OldState, ObjectValue NewInputs, IReadOnlyList<string> IgnoreChanges);
