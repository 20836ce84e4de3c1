using Pulumi.Blanket.Protocol.Diffs;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

/// <summary>What an update of a VM has to change, beyond what its inputs say value by value.</summary>
internal static class VirtualMachineDiff
{
    private static readonly PropertyPath Disks = PropertyPath.Root.Property("disks");

    public static DiffTable Extend(DiffTable table) => table
        .Ignore(nameof(VirtualMachineInputs.Host))
        .Ignore(nameof(VirtualMachineInputs.Disks))
        .SameWhenEmpty(nameof(VirtualMachineInputs.Networks))
        .SameWhenEmpty(nameof(VirtualMachineInputs.Labels));

    public static void Complete(DiffContext<VirtualMachineInputs, VirtualMachineOutputs> diff)
    {
        // Not against what was asked for last: a move that failed is asked for again, and one that somebody else made is none.
        if (!diff.Knows(nameof(VirtualMachineInputs.Host)) || (diff.New.Host is { } host && host != diff.Outputs.SettledHost))
        {
            diff.Change(nameof(VirtualMachineInputs.Host));
        }

        KeepMaximum(diff, nameof(VirtualMachineInputs.Vcpus), nameof(VirtualMachineInputs.MaxVcpus), static inputs => inputs.Vcpus, static inputs => inputs.MaxVcpus);
        KeepMaximum(diff, nameof(VirtualMachineInputs.MemoryMiB), nameof(VirtualMachineInputs.MaxMemoryMiB), static inputs => inputs.MemoryMiB, static inputs => inputs.MaxMemoryMiB);
        CompareDisks(diff);
        CompareState(diff);
    }

    // Written down or left out, the same maximum is none that changed; and one that is left out is no wish, as long as there is enough.
    private static void KeepMaximum(
        DiffContext<VirtualMachineInputs, VirtualMachineOutputs> diff, string property, string maxProperty, Func<VirtualMachineInputs, int> now, Func<VirtualMachineInputs, int?> most)
    {
        var was = most(diff.Old) ?? now(diff.Old);
        if (diff.Knows(property) && diff.Knows(maxProperty) && (most(diff.New) is { } wanted ? wanted == was : now(diff.New) <= was))
        {
            diff.Keep(maxProperty);
        }
    }

    private static void CompareDisks(DiffContext<VirtualMachineInputs, VirtualMachineOutputs> diff)
    {
        if (DiskList.Read(diff.RawNew["disks"]) is not { } @new)
        {
            diff.Change(nameof(VirtualMachineInputs.Disks));
            return;
        }

        if (DiskList.Read(diff.RawOld["disks"]) is not { } old)
        {
            return;
        }

        var changes = DiskChanges.Of(old, @new);
        foreach (var (_, @is) in changes.Exchanged)
        {
            Replace(diff, Disks.Item(@is).Property("image"));
        }

        foreach (var (was, @is) in changes.Open)
        {
            // Most likely another image, since one that stays has an id already.
            if (was >= 0 && old.Disks[was].Image.Length > 0 && diff.New.ForceDestroy)
            {
                Replace(diff, Disks.Item(@is));
            }
            else
            {
                diff.Change(Disks.Item(@is), was < 0 ? PropertyChangeKind.Add : PropertyChangeKind.Update);
            }
        }

        foreach (var index in changes.Added)
        {
            diff.Change(Disks.Item(index), PropertyChangeKind.Add);
        }

        foreach (var index in changes.Removed)
        {
            diff.Change(Disks.Item(index), PropertyChangeKind.Delete);
        }

        foreach (var (was, @is) in changes.Kept)
        {
            CompareDisk(diff, old.Disks[was], @new.Disks[@is], @is);
        }

        // The order of disks is that of a list and nothing else, but for the one that it boots from.
        if (diff.Knows(nameof(VirtualMachineInputs.Boot)) && diff.New.Boot is null && changes.Kept.Any(pair => pair.New == 0 && pair.Old != 0))
        {
            diff.Change(Disks.Item(0), PropertyChangeKind.Update);
        }
    }

    private static void CompareDisk(DiffContext<VirtualMachineInputs, VirtualMachineOutputs> diff, Contract.DiskSpec old, Contract.DiskSpec @new, int index)
    {
        var raw = (diff.RawNew["disks"]!.Bare as ArrayValue)!.Items[index].Bare as ObjectValue;

        // A size that is left out is whatever the disk has.
        if (raw?["sizeGiB"]?.ContainsUnknown == true || (@new.SizeGib > 0 && @new.SizeGib != old.SizeGib))
        {
            diff.Change(Disks.Item(index).Property("sizeGiB"), PropertyChangeKind.Update);
        }

        if (raw?["bus"]?.ContainsUnknown == true || @new.Bus != old.Bus)
        {
            diff.Change(Disks.Item(index).Property("bus"), PropertyChangeKind.Update);
        }
    }

    // The disks of two machines of the same name and addresses can't be side by side.
    private static void Replace(DiffContext<VirtualMachineInputs, VirtualMachineOutputs> diff, PropertyPath path)
    {
        diff.Change(path, PropertyChangeKind.Update, replaces: true);
        diff.DeleteBeforeReplace = true;
    }

    // Crashed is stopped, too, where nothing else is wanted.
    private static void CompareState(DiffContext<VirtualMachineInputs, VirtualMachineOutputs> diff)
    {
        var state = diff.Outputs.State;
        if (state == VirtualMachineOutputs.Unfinished
            || (diff.Knows(nameof(VirtualMachineInputs.Running)) && (diff.New.Running ? state != VirtualMachineOutputs.Running : RestartRules.IsUp(state))))
        {
            diff.Change(nameof(VirtualMachineOutputs.State));
        }
    }
}
