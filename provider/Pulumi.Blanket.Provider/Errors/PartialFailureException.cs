using Pulumi.Blanket.Provider.Resources;

namespace Pulumi.Blanket.Provider.Errors;

/// <summary>
/// An operation made or changed something and could not finish: the engine saves the state that it reached, shows the reasons, and offers an
/// update the next time. <see cref="Resource{TInputs,TOutputs}.Partial"/> makes one.
/// </summary>
/// <param name="id">The id of what is there.</param>
/// <param name="outputs">The outputs as they are now, of the resource's type of outputs. What was wished and not reached must show in them.</param>
/// <param name="reasons">All that the user sees of the failure; never a secret.</param>
internal sealed class PartialFailureException(FailureReason reason, string id, object outputs, IReadOnlyList<string> reasons, Exception? inner = null)
    : ProviderException(reason, string.Join("; ", reasons), inner)
{
    public string Id { get; } = id;

    public object Outputs { get; } = outputs;

    public IReadOnlyList<string> Reasons { get; } = reasons;
}
