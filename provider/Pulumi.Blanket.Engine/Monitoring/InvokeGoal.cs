using System.Collections.Immutable;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Monitoring;

/// <summary>A call of a provider's function.</summary>
/// <param name="Token">Such as <c>blanket:index:getHostFacts</c>.</param>
/// <param name="Provider">The provider's reference; empty for the default one.</param>
public sealed record InvokeGoal(
    string Token, ObjectValue Arguments, string Provider = "", string Version = "", string Parent = "", ImmutableArray<string> DependsOn = default);
