using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Definitions.Rules;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

[Description("What cloud-init reads.")]
internal sealed record VirtualMachineCloudInit
{
    [Description("User data: cloud-config, a script, or whatever else cloud-init takes.")]
    [Secret]
    [Length(0, 262_144)]
    public string? UserData { get; init; }

    [Description("Meta data, in YAML. Default: the VM's id as `instance-id`, and its name as `local-hostname`.")]
    [Secret]
    [Length(1, 262_144)]
    public string? MetaData { get; init; }

    [Description("Network configuration, in YAML. Default: the addresses that its network cards have, and the gateway of the first.")]
    [Secret]
    [Length(1, 262_144)]
    public string? NetworkConfig { get; init; }
}
