using System.Text.Json.Serialization.Metadata;
using Pulumi.Blanket.Protocol.Diffs;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Resources;

/// <summary>
/// A type of resource: its definition in two records, its rules, its diff and its life cycle. It sees no protobuf and no wrappers; what is secret is
/// said by its records.
/// </summary>
/// <typeparam name="TInputs">What programs give.</typeparam>
/// <typeparam name="TOutputs">What the resource says beyond its inputs; a state has both.</typeparam>
/// <remarks>
/// Failures are <see cref="ProviderException"/>s. The token of an operation is cancelled when the engine cancels, and when the operation's time is over; passing the
/// resulting <see cref="OperationCanceledException"/> on is enough.
/// </remarks>
internal abstract class Resource<TInputs, TOutputs>(string token) : Resource(token)
    where TInputs : class
    where TOutputs : class
{
    private RecordCodec<TInputs>? _inputs;
    private RecordCodec<TOutputs>? _outputs;

    public sealed override ObjectDefinition InputDefinition => Inputs.Definition;

    public sealed override ObjectDefinition OutputDefinition => Outputs.Definition;

    /// <summary>From the resource's generated JsonSerializerContext.</summary>
    protected abstract JsonTypeInfo<TInputs> InputType { get; }

    /// <summary>From the resource's generated JsonSerializerContext.</summary>
    protected abstract JsonTypeInfo<TOutputs> OutputType { get; }

    /// <summary>How inputs are compared, where not simply by value.</summary>
    protected virtual DiffTable DiffTable { get; } = new();

    // Definitions are read when they are first needed: a start needs none, and a race only reads one twice.
    private RecordCodec<TInputs> Inputs => _inputs ??= new(InputType);

    private RecordCodec<TOutputs> Outputs => _outputs ??= new(OutputType);

    /// <summary>Adds faults that span properties. No I/O but reading local files that inputs name.</summary>
    protected virtual void Check(CheckContext<TInputs> check)
    {
    }

    /// <summary>Adds changes that follow from outputs, and takes away what is none.</summary>
    protected virtual void Diff(DiffContext<TInputs, TOutputs> diff)
    {
    }

    /// <summary>Tells what a preview can know of the outputs.</summary>
    protected virtual void Preview(PreviewContext<TInputs, TOutputs> preview)
    {
    }

    /// <summary>The same, for what has to ask somebody. It changes nothing, and whoever does not answer is no failure of the preview.</summary>
    protected virtual Task PreviewAsync(PreviewContext<TInputs, TOutputs> preview, CancellationToken cancellationToken)
    {
        Preview(preview);
        return Task.CompletedTask;
    }

    protected abstract Task<Made<TOutputs>> CreateAsync(OperationContext context, TInputs inputs, CancellationToken cancellationToken);

    /// <summary>Reads what is true: in a refresh with the state's inputs and outputs, in an import with neither.</summary>
    /// <returns>Null for what is gone for certain. What can't be reached is not gone.</returns>
    protected abstract Task<Found<TInputs, TOutputs>?> ReadAsync(OperationContext context, string id, TInputs? inputs, TOutputs? outputs, CancellationToken cancellationToken);

    protected abstract Task<TOutputs> UpdateAsync(OperationContext context, Wish<TInputs, TOutputs> wish, CancellationToken cancellationToken);

    /// <summary>Deletes; what is gone already is no failure.</summary>
    protected abstract Task DeleteAsync(OperationContext context, string id, TInputs inputs, TOutputs outputs, CancellationToken cancellationToken);

    /// <summary>A failure after which something is there, or partly changed; to be thrown.</summary>
    /// <param name="outputs">As they are now: what was wished and not reached must show in them.</param>
    /// <param name="reasons">What failed, where, why, and what to do.</param>
    protected static PartialFailureException Partial(FailureReason reason, string id, TOutputs outputs, params IReadOnlyList<string> reasons)
        => new(reason, id, outputs, reasons);

    internal sealed override CheckAnswer RunCheck(CheckCall call)
    {
        List<InputFault> faults = [];
        var inputs = call.News;
        if (InputDefinition.Properties.FirstOrDefault(property => property.AutoName is not null) is { } named)
        {
            inputs = call.Naming.Apply(named, call, inputs, faults);
        }

        inputs = InputChecker.Check(InputDefinition, inputs, faults);
        CheckContext<TInputs> context = new(call.Urn, call.Olds, inputs, Inputs, faults);
        Check(context);
        return new(context.Raw, faults);
    }

    internal sealed override DiffAnswer RunDiff(DiffCall call)
    {
        var (state, oldInputs) = Upgrade(call.OldState, call.OldInputs);
        var old = InputDefinition.Complete(oldInputs);
        var @new = InputDefinition.Complete(call.NewInputs);
        List<DiffEntry> entries = [];
        foreach (var change in PropertyComparer.Compare(old, @new))
        {
            var name = change.Path.TopLevel!;
            if (DiffTable.IsSame(name, old[name], @new[name]))
            {
                continue;
            }

            var rule = InputDefinition.Find(name)?.Replaces;
            entries.Add(new(change.Path, change.Kind, rule is not null && (rule.WhenUnknown || change.New?.ContainsUnknown != true), IsInput: true));
        }

        DiffContext<TInputs, TOutputs> context = new(call.Id, old, state, @new, Inputs, Outputs, entries);
        Diff(context);
        var stables = entries.Exists(entry => entry.Replaces) ? [] : OutputDefinition.Properties.Where(property => property.IsStable).Select(property => property.Name).ToList();
        return new(entries, context.DeleteBeforeReplace, stables, context.Warnings);
    }

    internal sealed override async Task<StateAnswer> RunPreviewAsync(OperationContext context, string id, CancellationToken cancellationToken)
    {
        var isCreate = id.Length == 0;
        PreviewContext<TInputs, TOutputs> preview = new(
            context, id, Inputs.Decode(context.Inputs), isCreate ? null : Inputs.Decode(context.OldInputs), isCreate ? null : Outputs.Decode(context.State), OutputDefinition);
        await PreviewAsync(preview, cancellationToken);
        return new(id, State(context.Inputs, preview.Outputs()), context.Inputs);
    }

    internal sealed override Task<StateAnswer> RunCreateAsync(OperationContext context, CancellationToken cancellationToken) => FinishAsync(context, async () =>
    {
        var made = await CreateAsync(context, Inputs.Decode(context.Inputs), cancellationToken);
        return new StateAnswer(made.Id, State(context.Inputs, Outputs.Encode(made.Outputs)), context.Inputs);
    });

    internal sealed override Task<StateAnswer?> RunReadAsync(OperationContext context, string id, CancellationToken cancellationToken) => FinishAsync<StateAnswer?>(context, async () =>
    {
        var isImport = context.State.Properties.IsEmpty;
        var found = await ReadAsync(context, id, isImport ? null : Inputs.Decode(context.Inputs), isImport ? null : Outputs.Decode(context.State), cancellationToken);
        if (found is null)
        {
            return null;
        }

        var inputs = found.Inputs is null ? context.Inputs : Rewrap(context.Inputs, InputDefinition.Complete(Inputs.Encode(found.Inputs)));
        return new StateAnswer(found.Id, State(inputs, Outputs.Encode(found.Outputs)), inputs);
    });

    internal sealed override Task<StateAnswer> RunUpdateAsync(OperationContext context, string id, CancellationToken cancellationToken) => FinishAsync(context, async () =>
    {
        Wish<TInputs, TOutputs> wish = new(id, Inputs.Decode(context.OldInputs), Inputs.Decode(context.Inputs), Outputs.Decode(context.State));
        var outputs = await UpdateAsync(context, wish, cancellationToken);
        return new StateAnswer(id, State(context.Inputs, Outputs.Encode(outputs)), context.Inputs);
    });

    internal sealed override Task RunDeleteAsync(OperationContext context, string id, CancellationToken cancellationToken) => FinishAsync(context, async () =>
    {
        await DeleteAsync(context, id, Inputs.Decode(context.Inputs), Outputs.Decode(context.State), cancellationToken);
        return true;
    });

    private async Task<T> FinishAsync<T>(OperationContext context, Func<Task<T>> operation)
    {
        try
        {
            return await operation();
        }
        catch (PartialFailureException failure)
        {
            throw new UnfinishedException(failure, State(context.Inputs, Outputs.Encode((TOutputs)failure.Outputs)), context.Inputs, context.RefreshBeforeUpdate);
        }
    }

    private ObjectValue State(ObjectValue inputs, ObjectValue outputs)
        => new ObjectValue(inputs.Properties.SetItems(outputs.Properties)).With(StateVersions.Property, Upgrades.Count + 1);

    // What was read has no wrappers; where the value is as it was, or the user had it secret, the old form stays.
    private static ObjectValue Rewrap(ObjectValue old, ObjectValue read)
        => new(read.Properties.Select(property => KeyValuePair.Create(property.Key, Rewrap(old[property.Key], property.Value))));

    private static PropertyValue Rewrap(PropertyValue? old, PropertyValue read) => old switch
    {
        null => read,
        _ when PropertyComparer.Compare(ObjectValue.Empty.With("x", old), ObjectValue.Empty.With("x", read)).Count == 0 => old,
        SecretValue or OutputValue { IsSecret: true } => read.ContainsSecret ? read : new SecretValue(read),
        ObjectValue before when read is ObjectValue after => Rewrap(before, after),
        ArrayValue { Items: var before } when read is ArrayValue { Items: var after }
            => new ArrayValue([.. after.Select((item, index) => Rewrap(index < before.Length ? before[index] : null, item))]),
        _ => read,
    };
}
