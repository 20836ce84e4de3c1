using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Resources;

/// <summary>A type of resource, as the service sees it; each derives from <see cref="Resource{TInputs,TOutputs}"/>.</summary>
/// <param name="token">The type's token, <c>blanket:index:Name</c>.</param>
internal abstract class Resource(string token)
{
    public string Token { get; } = token;

    /// <summary>The last part of the token: what messages call it.</summary>
    public string TypeName { get; } = token[(token.LastIndexOf(':') + 1)..];

    public abstract ObjectDefinition InputDefinition { get; }

    public abstract ObjectDefinition OutputDefinition { get; }

    /// <summary>Upgrade number n leads from version n of the state to n+1; today's version is their number plus one.</summary>
    public virtual IReadOnlyList<StateUpgrade> Upgrades => [];

    /// <summary>Asks the engine to read the resource before each update, so that an update sees what is true.</summary>
    public virtual bool RefreshBeforeUpdate => false;

    /// <summary>How long an operation may take where the user says nothing (<c>customTimeouts</c>).</summary>
    public virtual TimeSpan DefaultTimeout(OperationKind operation) => operation == OperationKind.Read ? TimeSpan.FromMinutes(1) : TimeSpan.FromMinutes(10);

    /// <summary>Lists what exists and could be imported; null for a resource that can't.</summary>
    public virtual IAsyncEnumerable<Listed>? List(OperationContext context, CancellationToken cancellationToken) => null;

    internal abstract CheckAnswer RunCheck(CheckCall call);

    internal abstract DiffAnswer RunDiff(DiffCall call);

    internal abstract Task<StateAnswer> RunPreviewAsync(OperationContext context, string id, CancellationToken cancellationToken);

    internal abstract Task<StateAnswer> RunCreateAsync(OperationContext context, CancellationToken cancellationToken);

    internal abstract Task<StateAnswer?> RunReadAsync(OperationContext context, string id, CancellationToken cancellationToken);

    internal abstract Task<StateAnswer> RunUpdateAsync(OperationContext context, string id, CancellationToken cancellationToken);

    internal abstract Task RunDeleteAsync(OperationContext context, string id, CancellationToken cancellationToken);

    /// <summary>State and old inputs in today's form. Where an engine keeps no inputs apart, they are those in the state.</summary>
    internal (ObjectValue State, ObjectValue Inputs) Upgrade(ObjectValue state, ObjectValue inputs)
    {
        var upgraded = StateVersions.Upgrade(TypeName, Upgrades, state, inputs);
        return upgraded.Inputs.Properties.IsEmpty
            ? (upgraded.State, new ObjectValue(upgraded.State.Properties.Where(property => InputDefinition.Find(property.Key) is not null)))
            : upgraded;
    }
}
