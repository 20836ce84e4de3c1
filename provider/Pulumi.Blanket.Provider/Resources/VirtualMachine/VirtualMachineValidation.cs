using System.Text.RegularExpressions;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Resources.OnFabric;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

/// <summary>What of a VM's inputs can be wrong beyond single values. What is not known yet is never at fault.</summary>
internal static partial class VirtualMachineValidation
{
    public static void Check(CheckContext<VirtualMachineInputs> check)
    {
        CheckMaximum(check, nameof(VirtualMachineInputs.Vcpus), nameof(VirtualMachineInputs.MaxVcpus), static inputs => (inputs.Vcpus, inputs.MaxVcpus), "vcpus", "maxVcpus");
        CheckMaximum(
            check, nameof(VirtualMachineInputs.MemoryMiB), nameof(VirtualMachineInputs.MaxMemoryMiB), static inputs => (inputs.MemoryMiB, inputs.MaxMemoryMiB), "memoryMiB", "maxMemoryMiB");
        if (check.Knows(nameof(VirtualMachineInputs.Tpm)) && check.Inputs.Tpm)
        {
            check.Fault(nameof(VirtualMachineInputs.Tpm), "tpm is true, which is not supported yet and comes with a later version; leave it out");
        }

        CheckDisks(check);
        CheckNetworks(check);
        CheckBoot(check);
        CheckLabels(check);
        CheckCloudInit(check);
        CheckMigration(check);
    }

    private static void CheckMigration(CheckContext<VirtualMachineInputs> check)
    {
        if (!check.Knows(nameof(VirtualMachineInputs.Migration)) || check.Inputs.Migration is not { } migration)
        {
            return;
        }

        var path = PropertyPath.Root.Property("migration");
        CheckPostCopy(check, path, migration);
        if (migration is { OnTimeout: MigrationTimeout.Suspend, TimeoutSeconds: null })
        {
            check.Fault(path.Property("onTimeout"), "migration.onTimeout is 'suspend', and there is no time after which that would happen; give migration.timeoutSeconds, too");
        }

        if (migration.AllowOffline && migration.Mode != MigrationMode.Auto)
        {
            check.Fault(path.Property("allowOffline"), $"migration.allowOffline is for migration.mode 'auto', and that is '{migration.Mode.ToString().ToLowerInvariant()}'; leave one of them out");
        }

        if (migration.Mode is MigrationMode.Auto or MigrationMode.Live)
        {
            return;
        }

        foreach (var (name, isGiven) in new[]
        {
            ("downtimeMs", migration.DowntimeMs is not null), ("autoConverge", migration.AutoConverge), ("compression", migration.Compression), ("postCopy", migration.PostCopy != MigrationPostCopy.Never),
        })
        {
            if (isGiven)
            {
                check.Fault(path.Property(name), $"migration.{name} is for a live migration, and migration.mode is '{(migration.Mode == MigrationMode.Cold ? "cold" : "suspend")}'; leave it out, or set migration.mode to 'live'");
            }
        }

        if (migration.OnTimeout == MigrationTimeout.Suspend)
        {
            check.Fault(path.Property("onTimeout"), "migration.onTimeout is 'suspend', which is for a live migration; leave it out");
        }
    }

    private static void CheckPostCopy(CheckContext<VirtualMachineInputs> check, PropertyPath path, VirtualMachineMigration migration)
    {
        if (migration.PostCopy == MigrationPostCopy.Never)
        {
            return;
        }

        var value = migration.PostCopy == MigrationPostCopy.Always ? "always" : "onTimeout";
        foreach (var (name, isGiven) in new[] { ("compression", migration.Compression), ("connections", migration.Connections is not null) })
        {
            if (isGiven)
            {
                check.Fault(path.Property(name), $"migration.{name} and migration.postCopy ('{value}') together leave a dead guest behind (QEMU 7.2); leave one of them out");
            }
        }

        foreach (var (name, isGiven) in new[] { ("downtimeMs", migration.DowntimeMs is not null), ("autoConverge", migration.AutoConverge) })
        {
            if (isGiven && migration.PostCopy == MigrationPostCopy.Always)
            {
                check.Fault(path.Property(name), $"migration.{name} means nothing where migration.postCopy is 'always', which waits for no guest; leave it out");
            }
        }

        if (migration is { PostCopy: MigrationPostCopy.OnTimeout, TimeoutSeconds: null })
        {
            check.Fault(path.Property("postCopy"), "migration.postCopy is 'onTimeout', and there is no time after which that would happen; give migration.timeoutSeconds, too");
        }

        if (migration is { PostCopy: MigrationPostCopy.OnTimeout, OnTimeout: MigrationTimeout.Suspend })
        {
            check.Fault(path.Property("onTimeout"), "migration.onTimeout is 'suspend', and migration.postCopy 'onTimeout': only one of them can happen after migration.timeoutSeconds; leave one out");
        }
    }

    private static void CheckMaximum(
        CheckContext<VirtualMachineInputs> check, string property, string maxProperty, Func<VirtualMachineInputs, (int Now, int? Most)> of, string name, string maxName)
    {
        if (check.Knows(property) && check.Knows(maxProperty) && of(check.Inputs) is { Most: { } most } room && most < room.Now)
        {
            check.Fault(maxProperty, $"{maxName} is {most}, less than {name}, which is {room.Now}; give {room.Now} or more, or leave {maxName} out");
        }
    }

    private static void CheckDisks(CheckContext<VirtualMachineInputs> check)
    {
        if (DiskList.Read(check.Raw["disks"]) is not { } disks)
        {
            return;
        }

        if (disks.Disks.Count == 0 && check.Raw["boot"]?.Bare is null or NullValue)
        {
            check.Fault(nameof(VirtualMachineInputs.Disks),
                $"disks is {(check.Raw["disks"] is null ? "missing" : "empty")}; it must be a list with a disk that the VM starts from, unless `boot` names a kernel");
        }

        HashSet<string> volumes = [];
        for (var index = 0; index < disks.Disks.Count; index++)
        {
            var path = PropertyPath.Root.Property("disks").Item(index);
            var disk = disks.Disks[index];
            if ((check.Raw["disks"]!.Bare as ArrayValue)!.Items[index].Bare is ObjectValue given)
            {
                CheckDisk(check, path, disk, disks.Unknown.Contains(index), given["sizeGiB"]?.Bare is not (null or NullValue));
            }

            if (disk.Volume.Length > 0 && !volumes.Add(disk.Volume))
            {
                check.Fault(path.Property("volume"), $"{path}.volume is '{disk.Volume}', which another of the disks is already; a volume can be one disk only");
            }
        }

        if (check.Olds["disks"] is { } olds && DiskList.Read(olds) is { Unknown.Count: 0 } old && check.Knows(nameof(VirtualMachineInputs.ForceDestroy)))
        {
            CheckDiskChanges(check, old, disks, DiskChanges.Of(old, disks));
        }
    }

    private static void CheckDisk(CheckContext<VirtualMachineInputs> check, PropertyPath path, DiskSpec disk, bool isUnknown, bool hasSize)
    {
        FabricItems.RefuseOtherFabric(check, path.Property("image"), NullIfEmpty(disk.Image), "an Image");
        FabricItems.RefuseOtherFabric(check, path.Property("volume"), NullIfEmpty(disk.Volume), "a Volume");
        if (disk.Image.Length > 0 && disk.Volume.Length > 0)
        {
            check.Fault(path.Property("volume"), $"{path} has both an image and a volume; give one of them");
        }
        else if (disk.Volume.Length > 0 && hasSize)
        {
            check.Fault(path.Property("sizeGiB"), $"{path}.sizeGiB is given for a volume, whose size is that of its Volume resource; leave it out here");
        }
        else if (!isUnknown && disk.Image.Length == 0 && disk.Volume.Length == 0 && !hasSize)
        {
            check.Fault(path.Property("sizeGiB"), $"{path}.sizeGiB is missing, and the disk is made from no image and is no volume; give a size for a blank disk, or `image`, or `volume`");
        }
    }

    private static void CheckDiskChanges(CheckContext<VirtualMachineInputs> check, DiskList old, DiskList disks, DiskChanges changes)
    {
        foreach (var (was, @is) in changes.Kept)
        {
            if (disks.Disks[@is].SizeGib is > 0 and var size && size < old.Disks[was].SizeGib)
            {
                var path = PropertyPath.Root.Property("disks").Item(@is).Property("sizeGiB");
                check.Fault(path, $"{path} is {size}, and the disk has {old.Disks[was].SizeGib}: disks grow and never shrink; give {old.Disks[was].SizeGib} or more");
            }
        }

        if (check.Inputs.ForceDestroy)
        {
            return;
        }

        foreach (var (was, @is) in changes.Exchanged)
        {
            var path = PropertyPath.Root.Property("disks").Item(@is).Property("image");
            check.Fault(path,
                $"{path} is '{disks.Disks[@is].Image}', and the disk was made from '{old.Disks[was].Image}': another image means another VM, and what is on the disks of this one is lost; "
                + "set it back, or set `forceDestroy: true`, with which the VM is destroyed and made anew");
        }

        foreach (var index in changes.Removed.Where(index => old.Disks[index].Volume.Length == 0))
        {
            check.Fault(nameof(VirtualMachineInputs.Disks),
                $"disks has {DiskList.Describe(old.Disks[index])} no more (disks[{index}] so far), which is the VM's own: what is on it would be lost; put it back, or set `forceDestroy: true`");
        }
    }

    private static void CheckNetworks(CheckContext<VirtualMachineInputs> check)
    {
        if (check.Raw["networks"]?.Bare is not ArrayValue cards)
        {
            return;
        }

        HashSet<(string, string)> addresses = [];
        HashSet<string> macs = new(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < cards.Items.Length; index++)
        {
            if (cards.Items[index].Bare is not ObjectValue card)
            {
                continue;
            }

            var path = PropertyPath.Root.Property("networks").Item(index);
            FabricItems.RefuseOtherFabric(check, path.Property("network"), Text(card, "network"), "a Network");
            if (Text(card, "network") is { } network && Text(card, "address") is { } address && !addresses.Add((network, address)))
            {
                check.Fault(path.Property("address"), $"{path}.address is '{address}', which another card on the same network has already; give another one, or leave it out");
            }

            if (Text(card, "mac") is { } mac && !macs.Add(mac))
            {
                check.Fault(path.Property("mac"), $"{path}.mac is '{mac}', which another card has already; give another one, or leave it out");
            }
        }
    }

    private static void CheckBoot(CheckContext<VirtualMachineInputs> check)
    {
        if (check.Raw["boot"]?.Bare is ObjectValue boot)
        {
            var path = PropertyPath.Root.Property("boot");
            FabricItems.RefuseOtherFabric(check, path.Property("kernel"), Text(boot, "kernel"), "an Image");
            FabricItems.RefuseOtherFabric(check, path.Property("initrd"), Text(boot, "initrd"), "an Image");
        }
    }

    private static void CheckLabels(CheckContext<VirtualMachineInputs> check)
    {
        if (check.Raw["labels"]?.Bare is ObjectValue labels)
        {
            foreach (var name in labels.Properties.Keys.Where(name => !LabelName().IsMatch(name)))
            {
                check.Fault(PropertyPath.Root.Property("labels").Property(name),
                    $"the name of a label is '{name}'; it must be 1 to 63 letters, digits, '.', '_', '-' and '/', with a letter or digit at both ends");
            }
        }
    }

    private static void CheckCloudInit(CheckContext<VirtualMachineInputs> check)
    {
        if (check.Raw["cloudInit"]?.Bare is not ObjectValue cloudInit)
        {
            return;
        }

        foreach (var name in (ReadOnlySpan<string>)["metaData", "networkConfig"])
        {
            if (Text(cloudInit, name) is { Length: > 0 } text && YamlMapping.Validate(text) is { } fault)
            {
                var path = PropertyPath.Root.Property("cloudInit").Property(name);
                check.Fault(path, $"{path} {fault}");
            }
        }
    }

    private static string? Text(ObjectValue value, string name) => (value[name]?.Bare as StringValue)?.Text;

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex LabelName();
}
