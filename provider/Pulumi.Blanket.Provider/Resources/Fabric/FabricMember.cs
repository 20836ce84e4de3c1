using System.ComponentModel;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

[Description("A member of a fabric.")]
internal sealed record FabricMember
{
    public const string Active = "active";
    public const string Departing = "departing";
    public const string Empty = "empty";
    public const string Missing = "missing";

    [Description("The host's name.")]
    public required string Name { get; init; }

    [Description("The machine's own id.")]
    public required string MachineId { get; init; }

    [Description("Its address in the mesh.")]
    public required string MeshAddress { get; init; }

    [Description("`active`; `departing` (taken out of `hosts`, and still carries VMs); `empty` (departing without VMs: the next update lets it leave); `missing` (the host says that it is no member: the next update makes it one again).")]
    public required string Status { get; init; }
}
