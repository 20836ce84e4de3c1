using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Protocol.Diffs;

/// <summary>One difference between two objects: the deepest place that tells it.</summary>
/// <param name="Old">What stands there now; null for <see cref="PropertyChangeKind.Add"/>.</param>
/// <param name="New">What shall stand there; null for <see cref="PropertyChangeKind.Delete"/>.</param>
public sealed record PropertyChange(PropertyPath Path, PropertyChangeKind Kind, PropertyValue? Old, PropertyValue? New);
