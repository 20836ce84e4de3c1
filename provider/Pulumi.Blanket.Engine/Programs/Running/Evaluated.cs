using System.Collections.Immutable;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Running;

/// <summary>A value, and the URNs of the resources on which it depends.</summary>
internal sealed record Evaluated(PropertyValue Value, ImmutableArray<string> Dependencies);
