using Pulumi.Blanket.Lab;

namespace Pulumi.Blanket.EndToEnd.Tests;

/// <summary>The one where machines move, and what follows them is looked at from outside; two more hosts come and go.</summary>
public sealed class MovingLab() : MachineLabBase(
    "moves",
    new HostDefinition { Name = "spare-1", Cloud = "gcp", StorageGiB = 6 },
    new HostDefinition { Name = "spare-2", Cloud = "gcp", StorageGiB = 6 })
{
    public LabHost Spare => Lab.Host("spare-1");

    public LabHost OtherSpare => Lab.Host("spare-2");
}
