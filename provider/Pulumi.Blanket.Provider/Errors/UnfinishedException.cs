using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Errors;

/// <summary>A <see cref="PartialFailureException"/> with the whole state that the engine is to save.</summary>
internal sealed class UnfinishedException(PartialFailureException failure, ObjectValue state, ObjectValue? inputs, bool refreshBeforeUpdate)
    : ProviderException(failure.Reason, failure.Message, failure)
{
    public string Id => failure.Id;

    public IReadOnlyList<string> Reasons => failure.Reasons;

    public ObjectValue State { get; } = state;

    /// <summary>Of use to a Read only.</summary>
    public ObjectValue? Inputs { get; } = inputs;

    public bool RefreshBeforeUpdate { get; } = refreshBeforeUpdate;
}
