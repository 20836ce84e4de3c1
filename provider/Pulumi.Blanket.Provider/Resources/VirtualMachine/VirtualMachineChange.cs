using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

/// <summary>Brings a VM that exists to what its inputs say.</summary>
/// <param name="inputs">To reach.</param>
/// <param name="before">As it is.</param>
internal sealed class VirtualMachineChange(FabricSession session, OperationContext context, VirtualMachineInputs inputs, MachineView before)
{
    private MachineView _before = before;

    public async Task<VirtualMachineOutputs> ApplyAsync(CancellationToken cancellationToken)
    {
        var directory = await session.GetDirectoryAsync(cancellationToken);
        var old = VirtualMachineTranslation.ToInputs(_before, inputs, session.FabricId);
        if (inputs is { Running: true, AllowRestart: false } && RestartRules.IsUp(VirtualMachineTranslation.StateOf(_before))
            && RestartRules.Find(old, inputs, static _ => true) is { Count: > 0 } reasons)
        {
            // Before any room is asked for.
            throw RestartRules.Refusal(reasons);
        }

        if (VirtualMachineMove.IsNeeded(inputs, directory.NameOf(_before.Location), _before.SettledHost))
        {
            _before = await VirtualMachineMove.RunAsync(session, context, inputs, _before, cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                throw new PartialFailureException(FailureReason.Cancelled, _before.Uuid, VirtualMachineTranslation.ToOutputs(_before, directory), [$"it was too late to cancel the move: the VM is on {inputs.Host}; what else was to change did not"]);
            }
        }

        var had = Request(old);
        var wanted = Request(inputs);
        var claim = directory.FindMachine(_before.Uuid) is { } held && had.Equals(wanted) && held.Urn == context.Urn && held.Vcpus == wanted.Vcpus && held.MemoryMib == wanted.MemoryMib
            ? held // nothing that the primary had to be asked for
            : await ClaimAsync(Larger(had, wanted), cancellationToken);
        if (claim.Member != _before.Location)
        {
            // The primary hears of a move from the target's agent, in its own time.
            claim = claim.Clone();
            claim.Member = _before.Location;
        }

        var agent = await session.AgentAsync(_before.Location, cancellationToken);
        try
        {
            var after = await agent.UpdateMachineAsync(claim, VirtualMachineTranslation.ToSpec(inputs), context.Log, cancellationToken);
            await GiveBackAsync(had, wanted, cancellationToken);
            return VirtualMachineTranslation.ToOutputs(after, directory);
        }
        catch (ProviderException fault) when (fault.Reason is not (FailureReason.Unavailable or FailureReason.Deadline))
        {
            // It failed for certain: what it came to is what counts.
            var now = await TryFindAsync(agent);
            await TryClaimAsync(now is null ? had : Request(VirtualMachineTranslation.ToInputs(now, inputs, session.FabricId)));
            throw now is null || (now.Spec.Equals(_before.Spec) && now.State == _before.State)
                ? fault
                : new PartialFailureException(fault.Reason, _before.Uuid, VirtualMachineTranslation.ToOutputs(now, directory), [fault.Message], fault);
        }
    }

    private ClaimMachineRequest Request(VirtualMachineInputs wish)
    {
        var request = VirtualMachineTranslation.ToClaim(context.Urn, wish);
        request.Uuid = _before.Uuid;
        return request;
    }

    // As long as it is being changed the machine has what it had, too.
    private static ClaimMachineRequest Larger(ClaimMachineRequest had, ClaimMachineRequest wanted)
    {
        var larger = wanted.Clone();
        larger.Vcpus = Math.Max(had.Vcpus, wanted.Vcpus);
        larger.MemoryMib = Math.Max(had.MemoryMib, wanted.MemoryMib);
        larger.StorageMib = Math.Max(had.StorageMib, wanted.StorageMib);
        return larger;
    }

    private async Task GiveBackAsync(ClaimMachineRequest had, ClaimMachineRequest wanted, CancellationToken cancellationToken)
    {
        if (Larger(had, wanted).Equals(wanted))
        {
            return;
        }

        try
        {
            await ClaimAsync(wanted, cancellationToken);
        }
        catch (ProviderException fault) when (fault.Reason != FailureReason.Bug)
        {
            context.Log.Warning($"the VM is changed, and the room that it does not need any more is still held: {fault.Message}");
        }
    }

    private Task<MachineClaim> ClaimAsync(ClaimMachineRequest request, CancellationToken cancellationToken)
        => session.ChangeAsync(primary => primary.ClaimMachineAsync(request, cancellationToken), cancellationToken);

    private async Task<MachineView?> TryFindAsync(AgentClient agent)
    {
        using CancellationTokenSource limit = new(AgentClient.LookLimit);
        try
        {
            return await agent.FindMachineAsync(_before.Uuid, limit.Token);
        }
        catch (Exception fault) when (fault is ProviderException or OperationCanceledException)
        {
            return null;
        }
    }

    private async Task TryClaimAsync(ClaimMachineRequest request)
    {
        using CancellationTokenSource limit = new(AgentClient.LookLimit);
        try
        {
            await ClaimAsync(request, limit.Token);
        }
        catch (Exception fault) when (fault is ProviderException or OperationCanceledException)
        {
            // More is held than needed, until the next update.
        }
    }
}
