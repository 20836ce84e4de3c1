using Pulumi.Blanket.EndToEnd.Tests.Machines;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Hosts;

namespace Pulumi.Blanket.EndToEnd.Tests.Moving;

/// <summary>The one whose hosts are full, come and go.</summary>
public sealed class DepartureLab() : MachineLabBase(
    "departures",
    new HostDefinition { Name = "spare-1", Cloud = "gcp", StorageGiB = 6 },
    new HostDefinition { Name = "spare-2", Cloud = "gcp", StorageGiB = 6 })
{
    public LabHost Spare => Lab.Host("spare-1");

    public LabHost OtherSpare => Lab.Host("spare-2");
}
