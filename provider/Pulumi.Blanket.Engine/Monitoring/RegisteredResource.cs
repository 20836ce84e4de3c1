using System.Collections.Immutable;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Monitoring;

/// <summary>A resource that is there, or in a preview would be.</summary>
/// <param name="Id">Unknown in the preview of a new one; null for components.</param>
/// <param name="Outputs">In a preview, outputs that are missing here are not known yet.</param>
/// <param name="Dependencies">For components of a provider: by output, what it depends on beside the component.</param>
public sealed record RegisteredResource(
    string Urn, PropertyValue? Id, ObjectValue Outputs, ImmutableSortedDictionary<string, ImmutableArray<string>>? Dependencies = null);
