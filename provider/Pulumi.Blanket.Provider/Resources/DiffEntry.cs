using Pulumi.Blanket.Protocol.Diffs;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Resources;

/// <summary>One thing that an update has to change.</summary>
/// <param name="Replaces">It can't be changed in place.</param>
/// <param name="IsInput">Inputs were compared; else an output differs from what is wanted.</param>
internal sealed record DiffEntry(PropertyPath Path, PropertyChangeKind Kind, bool Replaces, bool IsInput);
