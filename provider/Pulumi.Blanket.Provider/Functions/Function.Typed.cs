using System.Text.Json.Serialization.Metadata;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Resources;

namespace Pulumi.Blanket.Provider.Functions;

/// <summary>A function that programs call: its arguments and its result are records, as with resources.</summary>
internal abstract class Function<TArguments, TResult>(string token) : Function(token)
    where TArguments : class
    where TResult : class
{
    private RecordCodec<TArguments>? _arguments;
    private RecordCodec<TResult>? _result;

    public sealed override ObjectDefinition ArgumentDefinition => Arguments.Definition;

    public sealed override ObjectDefinition ResultDefinition => Result.Definition;

    protected abstract JsonTypeInfo<TArguments> ArgumentType { get; }

    protected abstract JsonTypeInfo<TResult> ResultType { get; }

    private RecordCodec<TArguments> Arguments => _arguments ??= new(ArgumentType);

    private RecordCodec<TResult> Result => _result ??= new(ResultType);

    /// <summary>Adds faults that span arguments.</summary>
    protected virtual void Check(CheckContext<TArguments> check)
    {
    }

    protected abstract Task<TResult> InvokeAsync(FunctionContext context, TArguments arguments, CancellationToken cancellationToken);

    internal sealed override async Task<(ObjectValue? Result, IReadOnlyList<InputFault> Faults)> RunAsync(
        FunctionContext context, ObjectValue arguments, CancellationToken cancellationToken)
    {
        List<InputFault> faults = [];
        var kept = InputChecker.Check(ArgumentDefinition, arguments, faults);
        Check(new CheckContext<TArguments>(urn: "", ObjectValue.Empty, kept, Arguments, faults));
        return faults.Count > 0 ? (null, faults) : (Result.Encode(await InvokeAsync(context, Arguments.Decode(kept), cancellationToken)), faults);
    }
}
