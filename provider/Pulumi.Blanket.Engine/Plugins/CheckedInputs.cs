using System.Collections.Immutable;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>Inputs as a provider takes them, and what it finds wrong with them.</summary>
internal sealed record CheckedInputs(ObjectValue Inputs, ImmutableArray<(string Property, string Reason)> Failures);
