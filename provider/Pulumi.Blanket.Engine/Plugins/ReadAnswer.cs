using System.Collections.Immutable;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>A resource as its provider found it.</summary>
/// <param name="Id">Empty where it is gone.</param>
/// <param name="Inputs">Null where the provider can't tell them.</param>
/// <param name="InitErrors">What is not well with it.</param>
internal sealed record ReadAnswer(string Id, ObjectValue Outputs, ObjectValue? Inputs, bool RefreshBeforeUpdate, ImmutableArray<string> InitErrors);
