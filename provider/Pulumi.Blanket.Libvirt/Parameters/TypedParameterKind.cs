namespace Pulumi.Blanket.Libvirt.Parameters;

/// <summary>The type of a parameter's value (<c>virTypedParameterType</c> in <c>include/libvirt/libvirt-common.h.in</c>).</summary>
public enum TypedParameterKind
{
    Signed32 = 1,
    Unsigned32 = 2,
    Signed64 = 3,
    Unsigned64 = 4,
    Real = 5,
    Boolean = 6,
    Text = 7,
}
