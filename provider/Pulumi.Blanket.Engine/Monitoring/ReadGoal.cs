using System.Collections.Immutable;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Monitoring;

/// <summary>A resource that a program wants to read.</summary>
/// <param name="Id">Unknown where it depends on what is not there yet.</param>
/// <param name="State">What is known of it beside the id.</param>
public sealed record ReadGoal(
    string Type, string Name, string Parent, PropertyValue Id, ObjectValue State, ImmutableArray<string> Dependencies, ResourceOptions Options);
