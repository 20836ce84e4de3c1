using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Layers;

/// <summary>Layers as users write them.</summary>
internal static class LayerNames
{
    public static string ToName(this Layer layer) => layer switch
    {
        Layer.Kvm => "kvm",
        Layer.Qemu => "qemu",
        Layer.Xen => "xen",
        _ => "auto",
    };
}
