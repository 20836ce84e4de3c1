using Pulumi.Blanket.Libvirt.Domains;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>A machine's QEMU as the kernel knows it: libvirt answers no question about a machine while it waits for it to end.</summary>
/// <param name="Id">Of the process.</param>
internal sealed record QemuProcess(string Id)
{
    /// <summary>False once nothing of it is left that could write anywhere.</summary>
    public bool IsThere => Directory.Exists($"/proc/{Id}");

    /// <returns>Null where it has ended.</returns>
    public static QemuProcess? Find(DomainReference domain)
    {
        try
        {
            return new(File.ReadAllText($"/run/libvirt/qemu/{domain.Name}.pid").Trim());
        }
        catch (IOException)
        {
            return null;
        }
    }
}
