using System.Collections.Immutable;

namespace Pulumi.Blanket.Engine.Programs.Schemas;

/// <summary>A type of resources.</summary>
/// <param name="Token">Such as <c>blanket:index:Host</c>.</param>
/// <param name="SecretOutputs">In ordinal order.</param>
/// <param name="Deprecation">What to use instead; null where it may be used.</param>
internal sealed record ResourceSchema(
    string Token, bool IsComponent, ObjectSchema Inputs, ObjectSchema Outputs, ImmutableArray<string> SecretOutputs, string? Deprecation);
