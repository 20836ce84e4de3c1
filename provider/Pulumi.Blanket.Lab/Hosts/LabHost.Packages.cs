namespace Pulumi.Blanket.Lab.Hosts;

public sealed partial class LabHost
{
    private const string PackageDatabase = "var/lib/dpkg/status";

    // Below a mounted overlay nothing may change; below one that is not mounted anything may. So a host that is off gets its root mounted anew.
    // A host with a package database of its own would boot with files of other versions than its database says: that can't be put right.
    private async Task StandOnChangedPackagesAsync(CancellationToken cancellationToken)
    {
        if (await _lab.FindChangedPackagesAsync(cancellationToken) is not { } changes)
        {
            return;
        }

        if (Definition.Bare || File.Exists($"{_lab.Keeper.Root}{Home}/disk/upper/{PackageDatabase}"))
        {
            throw new LabException(LabFailure.Conflict,
                $"the host '{Name}' can't be started: its own package database does not fit what lies below it any more, since the machine's packages changed ({changes}); run `blanket lab down {_lab.Name}`, then `blanket lab up {_lab.Name}`");
        }

        (await _lab.Keeper.RunAsync(["umount", Path.Combine(Home, "root")], cancellationToken: cancellationToken)).OutputOrThrow();
        (await _lab.Keeper.RunAsync(
            ["mount", "-t", "overlay", "overlay", "-o", $"lowerdir=/,upperdir={Home}/disk/upper,workdir={Home}/disk/work", Path.Combine(Home, "root")], cancellationToken: cancellationToken)).OutputOrThrow();
    }
}
