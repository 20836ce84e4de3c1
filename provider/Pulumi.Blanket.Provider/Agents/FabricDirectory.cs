using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Resources.Fabric;

namespace Pulumi.Blanket.Provider.Agents;

/// <summary>What a fabric's members share, as one of them told it: who the members are, networks, images, and who holds what.</summary>
/// <param name="Facts">Not to be changed.</param>
/// <param name="Entry">The way by which it was told: others are reached through it.</param>
internal sealed record FabricDirectory(FabricFacts Facts, FabricEntry Entry)
{
    /// <summary>The member whose agent alone changes what is shared; null where it is no member any more.</summary>
    public Member? Primary => Find(Facts.Primary);

    public Member? Find(string machineId) => Facts.Members.FirstOrDefault(member => member.MachineId == machineId);

    public Member? FindByName(string name) => Facts.Members.FirstOrDefault(member => member.Settings.Name == name);

    /// <summary>What users call a member; its id where it is none any more.</summary>
    public string NameOf(string machineId) => Find(machineId)?.Settings.Name ?? machineId;

    public MachineClaim? FindMachine(string uuid) => Facts.Machines.FirstOrDefault(claim => claim.Uuid == uuid);

    public VolumeClaim? FindVolume(string uuid) => Facts.Volumes.FirstOrDefault(claim => claim.Uuid == uuid);

    public NetworkFacts? FindNetwork(uint vni) => Facts.Networks.FirstOrDefault(network => network.Vni == vni);

    public ImageFacts? FindImage(string sha256) => Facts.Images.FirstOrDefault(image => image.Sha256 == sha256);
}
