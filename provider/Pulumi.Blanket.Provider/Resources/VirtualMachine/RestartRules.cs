using Pulumi.Blanket.Provider.Errors;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

/// <summary>What of a change a running VM can't take. Pure.</summary>
internal static class RestartRules
{
    /// <summary>What needs a restart, each with the property in front: to follow "can't be changed while the VM runs".</summary>
    /// <param name="knows">Whether an input is wholly known, by the record's name for it.</param>
    public static IReadOnlyList<string> Find(VirtualMachineInputs old, VirtualMachineInputs @new, Func<string, bool> knows)
    {
        List<string> reasons = [];
        FindRoom(reasons, "vcpus", "maxVcpus", old.Vcpus, old.MaxVcpus, @new.Vcpus, @new.MaxVcpus, knows(nameof(@new.Vcpus)) && knows(nameof(@new.MaxVcpus)));
        FindRoom(reasons, "memoryMiB", "maxMemoryMiB", old.MemoryMiB, old.MaxMemoryMiB, @new.MemoryMiB, @new.MaxMemoryMiB, knows(nameof(@new.MemoryMiB)) && knows(nameof(@new.MaxMemoryMiB)));
        if (knows(nameof(@new.Firmware)) && @new.Firmware != old.Firmware)
        {
            reasons.Add($"firmware (from '{NameOf(old.Firmware)}' to '{NameOf(@new.Firmware)}')");
        }

        if (knows(nameof(@new.Boot)) && @new.Boot != old.Boot)
        {
            reasons.Add("boot (another kernel, initrd or command line)");
        }

        if (knows(nameof(@new.Disks)))
        {
            FindDisks(reasons, old, @new);
        }

        return reasons;
    }

    /// <summary>Whether a machine in this state is disturbed by a restart.</summary>
    public static bool IsUp(string state) => state is VirtualMachineOutputs.Running or VirtualMachineOutputs.Paused;

    /// <summary>The failure of an update that would need a restart and must not make one.</summary>
    public static ProviderException Refusal(IReadOnlyList<string> reasons)
        => new(FailureReason.Precondition,
            $"{string.Join("; ", reasons)}: can't be changed while the VM runs; set `allowRestart: true`, and the update restarts it, or stop it first (`running: false`); nothing was changed");

    // A maximum that is left out is no wish: what the VM was started with is enough as long as it suffices.
    private static void FindRoom(List<string> reasons, string name, string maxName, int old, int? oldMax, int wanted, int? wantedMax, bool isKnown)
    {
        if (!isKnown)
        {
            return;
        }

        var most = oldMax ?? old;
        if (wantedMax is { } max && max != most)
        {
            reasons.Add($"{maxName} (from {most} to {max})");
        }
        else if (wanted > most)
        {
            reasons.Add($"{name} (from {old} to {wanted}, and the VM was started for at most {most})");
        }
    }

    private static void FindDisks(List<string> reasons, VirtualMachineInputs old, VirtualMachineInputs @new)
    {
        var (before, after) = (old.Disks ?? [], @new.Disks ?? []);
        var matching = Contract.DiskMatching.Of([.. before.Select(VirtualMachineTranslation.ToSpec)], [.. after.Select(VirtualMachineTranslation.ToSpec)]);
        foreach (var (was, @is) in matching.Kept.Where(pair => before[pair.Old].Bus != after[pair.New].Bus))
        {
            reasons.Add($"disks[{@is}].bus (from '{VirtualMachineTranslation.NameOf(before[was].Bus)}' to '{VirtualMachineTranslation.NameOf(after[@is].Bus)}')");
        }

        reasons.AddRange(matching.Added.Where(index => after[index].Bus == DiskBus.Sata).Select(index => $"disks[{index}] (a disk with the bus 'sata' is added)"));
        reasons.AddRange(matching.Removed.Where(index => before[index].Bus == DiskBus.Sata).Select(index => $"disks[{index}] (a disk with the bus 'sata' is taken out)"));
        if (@new.Boot is null && before.Count > 0 && after.Count > 0 && !matching.Kept.Contains((0, 0)))
        {
            reasons.Add("disks[0] (it boots from another disk)");
        }
    }

    private static string NameOf(VirtualMachineFirmware firmware) => firmware == VirtualMachineFirmware.Uefi ? "uefi" : "bios";
}
