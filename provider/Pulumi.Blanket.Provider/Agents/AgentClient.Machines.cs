using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Agents;

/// <content>The virtual machines on one member.</content>
internal sealed partial class AgentClient
{
    private readonly MachineAgent.MachineAgentClient _machines = new(channel);

    public async Task<MachineView> CreateMachineAsync(MachineClaim claim, MachineSpec spec, OperationLog log, CancellationToken cancellationToken)
    {
        CreateMachineRequest request = new() { Claim = claim, Spec = spec };
        return Made(await FollowAsync(options => _machines.Create(request, options), told => See(told, log), "the making of the virtual machine", cancellationToken));
    }

    /// <returns>Null where this member does not have it.</returns>
    public Task<MachineView?> FindMachineAsync(string uuid, CancellationToken cancellationToken)
        => FindAsync(options => _machines.GetAsync(new MachineRequest { Uuid = uuid }, options), cancellationToken);

    public Task<MachineList> ListMachinesAsync(CancellationToken cancellationToken) => AskAsync(options => _machines.ListAsync(new(), options), cancellationToken, LookLimit);

    public async Task<MachineView> UpdateMachineAsync(MachineClaim claim, MachineSpec spec, OperationLog log, CancellationToken cancellationToken)
    {
        UpdateMachineRequest request = new() { Claim = claim, Spec = spec };
        return Made(await FollowAsync(options => _machines.Update(request, options), told => See(told, log), "the change of the virtual machine", cancellationToken));
    }

    public Task DeleteMachineAsync(string uuid, OperationLog log, CancellationToken cancellationToken)
        => FollowAsync(options => _machines.Delete(new MachineRequest { Uuid = uuid }, options), told => See(told, log), "the deletion of the virtual machine", cancellationToken);

    public Task RetireMachineAsync(string uuid, CancellationToken cancellationToken)
        => AskAsync(options => _machines.RetireAsync(new MachineRequest { Uuid = uuid }, options), cancellationToken);

    private static MachineDone? See(MachineEvent told, OperationLog log)
    {
        switch (told.EventCase)
        {
            case MachineEvent.EventOneofCase.Progress:
                log.Progress(told.Progress);
                break;
            case MachineEvent.EventOneofCase.Warning:
                log.Warning(told.Warning);
                break;
        }

        return told.Done;
    }

    private MachineView Made(MachineDone done)
        => done.Machine ?? throw new ProviderException(FailureReason.Bug, $"host {host}: its agent did not say what the virtual machine is now; please report it");
}
