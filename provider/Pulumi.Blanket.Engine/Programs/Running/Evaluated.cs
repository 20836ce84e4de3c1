using System.Collections.Immutable;
using Pulumi.Blanket.Protocol;

namespace Pulumi.Blanket.Engine;

/// <summary>A value, and the URNs of the resources on which it depends.</summary>
internal sealed record Evaluated(PropertyValue Value, ImmutableArray<string> Dependencies);
