using Pulumi.Blanket.Libvirt.Connection;

namespace Pulumi.Blanket.Libvirt.Wire;

/// <summary>A procedure of one of libvirt's programs.</summary>
/// <param name="Name">As errors name it.</param>
internal readonly record struct Procedure(uint Program, int Number, CallLane Lane, string Name)
{
    public override string ToString() => Name;
}
