using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions.Rules;

namespace Pulumi.Blanket.Provider.Resources.Host;

[Description("How much more may be promised to VMs than the host has.")]
internal sealed record Oversubscription
{
    [Description("VMs' virtual CPUs per virtual CPU of the host.")]
    [DefaultValue(1.0)]
    [Range(1, 64)]
    public double Cpu { get; init; }

    [Description("VMs' memory per memory of the host.")]
    [DefaultValue(1.0)]
    [Range(1, 16)]
    public double Memory { get; init; }

    [Description("Whether equal pages of VMs share memory (KSM). It finds out about a VM's memory from another; only for VMs that trust each other.")]
    [DefaultValue(false)]
    public bool Ksm { get; init; }
}
