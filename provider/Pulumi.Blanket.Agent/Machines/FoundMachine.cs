using System.Xml.Linq;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Domains;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>A machine of ours as libvirt has it.</summary>
/// <param name="Defined">Its XML as it is defined.</param>
/// <param name="Live">Its XML as it runs; null while it does not.</param>
internal sealed record FoundMachine(DomainReference Domain, MachineMetadata Metadata, DomainStatus Status, XElement Defined, XElement? Live)
{
    public string Uuid => Domain.Uuid.ToString();

    public MachineRecord Record => Metadata.Record;

    public bool IsActive => Live is not null;

    public MachineState State => Status.State switch
    {
        DomainState.Running or DomainState.Blocked or DomainState.ShuttingDown => MachineState.Running,
        DomainState.Paused or DomainState.PowerManagementSuspended => MachineState.Paused,
        DomainState.Crashed => MachineState.Crashed,
        DomainState.ShutOff when Status.ShutOffReason is ShutOffReason.Crashed => MachineState.Crashed,
        _ => MachineState.Stopped,
    };
}
