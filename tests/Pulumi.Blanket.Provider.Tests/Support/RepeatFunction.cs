using System.ComponentModel;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Pulumi.Blanket.Provider.Definitions.Rules;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Functions;

namespace Pulumi.Blanket.Provider.Tests.Support;

/// <summary>A function for tests: repeats a text, and fails where it is told to.</summary>
internal sealed class RepeatFunction() : Function<RepeatArguments, RepeatResult>("blanket:index:repeat")
{
    protected override JsonTypeInfo<RepeatArguments> ArgumentType => RepeatJson.Default.RepeatArguments;

    protected override JsonTypeInfo<RepeatResult> ResultType => RepeatJson.Default.RepeatResult;

    protected override Task<RepeatResult> InvokeAsync(FunctionContext context, RepeatArguments arguments, CancellationToken cancellationToken)
        => arguments.Text == "fail"
            ? throw new ProviderException(FailureReason.NotFound, "there is nothing to repeat")
            : Task.FromResult(new RepeatResult { Texts = [.. Enumerable.Repeat(arguments.Text, arguments.Times)], IsPreview = context.IsPreview });
}

internal sealed record RepeatArguments
{
    [Description("What to repeat.")]
    public required string Text { get; init; }

    [Description("How often.")]
    [DefaultValue(2)]
    [Range(1, 5)]
    public int Times { get; init; }
}

internal sealed record RepeatResult
{
    [Description("The text, again and again.")]
    public required IReadOnlyList<string> Texts { get; init; }

    [Description("Whether a preview asked.")]
    public required bool IsPreview { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RepeatArguments))]
[JsonSerializable(typeof(RepeatResult))]
internal sealed partial class RepeatJson : JsonSerializerContext;
