using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Libvirt;

/// <summary>Why a client lost a connection.</summary>
public sealed class LibvirtLostEventArgs(LibvirtException fault) : EventArgs
{
    public LibvirtException Fault { get; } = fault;
}
