using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>
/// Whether a request speaks of a machine at all. Names of files and domains are made of what stands in it, and the fabric's key is enough to ask: nothing in it may name anything else.
/// </summary>
internal static class MachineRequestCheck
{
    private const int LongestName = 200;
    private const int MostVcpus = 4096;
    private const long MostMemoryMib = 1 << 30;
    private const long MostDiskGib = 1 << 20;

    /// <exception cref="AgentException">It does not, or of one that is to be elsewhere.</exception>
    public static void Check(MachineClaim? claim, MachineSpec? spec)
    {
        if (claim is null || spec is null || !RegistryCheck.IsUuid(claim.Uuid) || !IsPlain(claim.Urn) || !claim.Leases.All(RegistryCheck.IsLease) || claim.Leases.Count != spec.Nics.Count || !IsSound(spec))
        {
            throw new AgentException(AgentFault.BadRequest, "this is no machine: it needs a claim with a UUID, a URN and a lease for each network card, a name, vCPUs, memory, and disks of images and volumes by their ids");
        }

        if (claim.Member != MachineFacts.MachineId)
        {
            throw new AgentException(AgentFault.BadRequest, $"{spec.Name} is to be on {claim.Member}, and this is {MachineFacts.MachineId}");
        }
    }

    public static bool IsSound(MachineSpec spec)
        => spec.Name.Length <= LongestName && spec.Name.Length > 0 && spec.Name.All(static character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.')
            && spec.Vcpus is >= 1 and <= MostVcpus && spec.MaxVcpus is >= 0 and <= MostVcpus
            && spec.MemoryMib is >= 1 and <= MostMemoryMib && spec.MaxMemoryMib is >= 0 and <= MostMemoryMib
            && IsPlainOrEmpty(spec.Host) && IsPlainOrEmpty(spec.Boot?.Cmdline ?? "")
            && MachineImages.Of(spec).All(ImageHash.IsOne)
            && spec.Disks.All(static disk => (disk.Volume.Length == 0 || (disk.Image.Length == 0 && RegistryCheck.IsUuid(disk.Volume)))
                && disk.SizeGib is >= 0 and <= MostDiskGib && (disk.Image.Length + disk.Volume.Length > 0 || disk.SizeGib > 0) && disk.Bus is ("" or "virtio" or "scsi" or "sata"))
            && (spec.Boot is null || spec.Boot.Kernel.Length > 0);

    private static bool IsPlain(string text) => text.Length > 0 && IsPlainOrEmpty(text);

    public static bool IsPlainOrEmpty(string text) => text.All(static character => !char.IsControl(character) && !char.IsSurrogate(character) && character is not '\ufffe' and not '\uffff');
}
