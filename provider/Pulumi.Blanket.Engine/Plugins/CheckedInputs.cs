using System.Collections.Immutable;
using Pulumi.Blanket.Protocol;

namespace Pulumi.Blanket.Engine;

/// <summary>Inputs as a provider takes them, and what it finds wrong with them.</summary>
internal sealed record CheckedInputs(ObjectValue Inputs, ImmutableArray<(string Property, string Reason)> Failures);
