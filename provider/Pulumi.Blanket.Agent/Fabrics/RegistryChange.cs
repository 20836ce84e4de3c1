using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>A change of what is registered that waits for its turn.</summary>
/// <param name="apply">Changes the facts that it is given; false where there was nothing to change.</param>
internal sealed class RegistryChange(Func<FabricFacts, bool> apply)
{
    private readonly TaskCompletionSource _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done once the change is on the disk; or failed, and nothing of it is.</summary>
    public Task Outcome => _outcome.Task;

    public bool Apply(FabricFacts facts) => apply(facts);

    public void Complete() => _outcome.TrySetResult();

    public void Fail(Exception fault) => _outcome.TrySetException(fault);
}
