using System.Runtime.CompilerServices;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Resources.Fabric;

namespace Pulumi.Blanket.Provider.Resources.OnFabric;

/// <summary>
/// A type of resource that is on a fabric: how it is found, imported and listed, what is said where members don't answer, and what a change of its fabric means.
/// </summary>
internal abstract class ResourceOnFabric<TInputs, TOutputs>(string token, FabricAccess fabrics) : Resource<TInputs, TOutputs>(token)
    where TInputs : class, IOnFabric
    where TOutputs : class
{
    /// <summary>True for what can be made anew on another fabric; else that is refused, since data would be lost.</summary>
    protected abstract bool FollowsFabric { get; }

    protected override DiffTable DiffTable { get; } = CompareFabrics();

    /// <summary>Of a fabric only its id matters: one that gained a host or changed an address is the same.</summary>
    protected static DiffTable CompareFabrics() => new DiffTable().Same(nameof(IOnFabric.Fabric), FabricComparer.AreSame);

    protected override void Check(CheckContext<TInputs> check)
    {
        if (!FollowsFabric && check.Knows(nameof(IOnFabric.Fabric)) && check.Olds["fabric"] is { } old && FabricComparer.IdOf(old) is { } was && check.Inputs.Fabric.FabricId != was)
        {
            check.Fault(nameof(IOnFabric.Fabric),
                $"fabric is the fabric {check.Inputs.Fabric.FabricId}, and this {TypeName} is on {was}, which can't change while it lives; set it back, or make another {TypeName} there");
        }
    }

    protected override void Diff(DiffContext<TInputs, TOutputs> diff)
    {
        if (diff.Entries.Any(entry => entry.Path.TopLevel == "fabric"))
        {
            diff.Keep(nameof(IOnFabric.Fabric));
            diff.Change(nameof(IOnFabric.Fabric), replaces: FollowsFabric);
        }
    }

    /// <summary>The fabric that inputs name, for one operation.</summary>
    protected FabricSession Open(TInputs inputs, OperationContext context) => fabrics.Open(inputs.Fabric, context);

    /// <summary>What is true of it now. A failure is told as a warning, and the state stays: a member that does not answer must not stop the rest.</summary>
    /// <returns>Null for what is gone for certain.</returns>
    protected abstract Task<Found<TInputs, TOutputs>?> LookAsync(
        FabricSession session, OperationContext context, string id, TInputs inputs, TOutputs outputs, CancellationToken cancellationToken);

    /// <param name="key">Its id without the fabric's, or its name.</param>
    /// <returns>Null where there is no such thing.</returns>
    protected abstract Task<Found<TInputs, TOutputs>?> ImportAsync(
        FabricSession session, OperationContext context, FabricConnection fabric, string key, CancellationToken cancellationToken);

    protected abstract Task<IReadOnlyList<Listed>> ListAsync(FabricSession session, CancellationToken cancellationToken);

    public sealed override IAsyncEnumerable<Listed>? List(OperationContext context, CancellationToken cancellationToken) => EnumerateAsync(context, cancellationToken);

    protected sealed override async Task<Found<TInputs, TOutputs>?> ReadAsync(
        OperationContext context, string id, TInputs? inputs, TOutputs? outputs, CancellationToken cancellationToken)
    {
        if (inputs is null || outputs is null)
        {
            var (fabric, key) = ConfiguredFabric.Find(context.Configuration, id);
            return await ImportAsync(fabrics.Open(fabric, context), context, fabric, key, cancellationToken)
                ?? throw new ProviderException(FailureReason.NotFound, $"the fabric {fabric.FabricId} has no {TypeName} '{key}', by id or by name, so there is nothing to import");
        }

        if (context.Configuration.IsOffline)
        {
            return new(id, null, outputs);
        }

        try
        {
            return await LookAsync(Open(inputs, context), context, id, inputs, outputs, cancellationToken);
        }
        catch (ProviderException fault) when (fault.Reason != FailureReason.Bug)
        {
            context.Log.Warning($"{fault.Message}; the state is shown as it was last known; {LostHosts.Remedy}");
            return new(id, null, outputs);
        }
    }

    /// <summary>One of those that have this id or name.</summary>
    /// <exception cref="ProviderException">Several have the name.</exception>
    protected T? Single<T>(IEnumerable<T> all, string key, Func<T, string> idOf, Func<T, string> nameOf)
        where T : class
    {
        var known = all.ToList();
        return known.Find(item => idOf(item) == key) ?? known.Where(item => nameOf(item) == key).ToList() switch
        {
            [] => null,
            [var one] => one,
            var several => throw new ProviderException(FailureReason.BadInput,
                $"the fabric has several {TypeName} resources named '{key}'; give the id of one of them: {string.Join(", ", several.Select(idOf))}"),
        };
    }

    private async IAsyncEnumerable<Listed> EnumerateAsync(OperationContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var listed in await ListAsync(fabrics.Open(ConfiguredFabric.Get(context.Configuration), context), cancellationToken))
        {
            yield return listed;
        }
    }
}
