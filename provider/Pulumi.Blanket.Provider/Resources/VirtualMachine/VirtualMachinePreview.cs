namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

/// <summary>What a preview of a VM can know, and what it has to say.</summary>
internal static class VirtualMachinePreview
{
    public static void Tell(PreviewContext<VirtualMachineInputs, VirtualMachineOutputs> preview)
    {
        if (preview is { Old: { } old, OldOutputs: { } outputs })
        {
            TellUpdate(preview, old, outputs);
        }
        else
        {
            if (preview.New.Host is { } host)
            {
                preview.Know(nameof(VirtualMachineOutputs.Location), host);
                preview.Know(nameof(VirtualMachineOutputs.SettledHost), host);
            }
            else if (preview.Operation.Knows(nameof(VirtualMachineInputs.Host)))
            {
                preview.Know(nameof(VirtualMachineOutputs.SettledHost), "");
            }
        }

        if (preview.Operation.Knows(nameof(VirtualMachineInputs.Running)))
        {
            preview.Know(nameof(VirtualMachineOutputs.State), preview.New.Running ? VirtualMachineOutputs.Running : VirtualMachineOutputs.Stopped);
        }
    }

    private static void TellUpdate(PreviewContext<VirtualMachineInputs, VirtualMachineOutputs> preview, VirtualMachineInputs old, VirtualMachineOutputs outputs)
    {
        var knowsHost = preview.Operation.Knows(nameof(VirtualMachineInputs.Host));
        TellRestart(preview, old, outputs);
        WarnOfOpenDisks(preview);
        preview.KeepAllBut(nameof(VirtualMachineOutputs.Addresses), nameof(VirtualMachineOutputs.State));
        if (!knowsHost || outputs.State == VirtualMachineOutputs.Unfinished)
        {
            preview.Forget(nameof(VirtualMachineOutputs.Location), nameof(VirtualMachineOutputs.SettledHost));
        }
        else if (preview.New.Host is { } host)
        {
            preview.Know(nameof(VirtualMachineOutputs.SettledHost), host);
            if (VirtualMachineMove.IsNeeded(preview.New, outputs.Location, outputs.SettledHost))
            {
                preview.Know(nameof(VirtualMachineOutputs.Location), host);
                preview.Forget(nameof(VirtualMachineOutputs.LastMigration));
            }
        }

        if (preview.Operation.Knows(nameof(VirtualMachineInputs.Networks)) && (preview.New.Networks ?? []).SequenceEqual(old.Networks ?? []))
        {
            preview.Keep(nameof(VirtualMachineOutputs.Addresses));
        }
    }

    private static void TellRestart(PreviewContext<VirtualMachineInputs, VirtualMachineOutputs> preview, VirtualMachineInputs old, VirtualMachineOutputs outputs)
    {
        if (!RestartRules.IsUp(outputs.State) || (preview.Operation.Knows(nameof(VirtualMachineInputs.Running)) && !preview.New.Running)
            || RestartRules.Find(old, preview.New, preview.Operation.Knows) is not { Count: > 0 } reasons)
        {
            return;
        }

        if (preview.New.AllowRestart)
        {
            preview.Operation.Log.Info($"this update restarts the VM: {string.Join("; ", reasons)}");
        }
        else if (preview.Operation.Knows(nameof(VirtualMachineInputs.AllowRestart)))
        {
            throw RestartRules.Refusal(reasons);
        }
    }

    private static void WarnOfOpenDisks(PreviewContext<VirtualMachineInputs, VirtualMachineOutputs> preview)
    {
        if (preview.New.ForceDestroy || DiskList.Read(preview.Operation.Inputs["disks"]) is not { } @new || DiskList.Read(preview.Operation.OldInputs["disks"]) is not { } old)
        {
            return;
        }

        foreach (var (was, @is) in DiskChanges.Of(old, @new).Open.Where(pair => pair.Old >= 0 && old.Disks[pair.Old].Image.Length > 0))
        {
            preview.Operation.Log.Warning(
                $"what disks[{@is}] is made of is not known yet: if it is another image than now ({old.Disks[was].Image}), the update will fail, since the VM would have to be destroyed for it, which needs `forceDestroy: true`");
        }
    }
}
