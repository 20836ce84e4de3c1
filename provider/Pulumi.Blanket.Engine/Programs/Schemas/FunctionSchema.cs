namespace Pulumi.Blanket.Engine.Programs.Schemas;

/// <summary>A function of a provider.</summary>
/// <param name="Token">Such as <c>blanket:index:getHostFacts</c>.</param>
internal sealed record FunctionSchema(string Token, ObjectSchema Arguments, ValueSchema Result, string? Deprecation);
