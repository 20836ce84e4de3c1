using Pulumi.Blanket.Lab.Keeping;
using Pulumi.Blanket.Lab.Machine;

namespace Pulumi.Blanket.Lab.Cache;

/// <summary>
/// The second lower layer of <c>bare</c> hosts: the machine's root without libvirt, QEMU and the network tools that a
/// product may have to bring, as a cloud's plain image is; and a <c>file:</c> package repository with all of it.
/// </summary>
internal static class BareLayer
{
    private static readonly string[] PurgedToo = ["dnsmasq-base", "genisoimage", "nftables", "wireguard-go", "wireguard-tools"];

    private static readonly string[] Offered =
        ["dnsmasq-base", "genisoimage", "libvirt-clients", "libvirt-daemon-system", "nftables", "qemu-system-x86", "qemu-utils", "wireguard-go", "wireguard-tools"];

    /// <summary>Makes both where they are missing, and mounts the layer for this lab.</summary>
    /// <returns>The folder of the layer, as the lab sees it, and the folder of the repository.</returns>
    public static async Task<(string Layer, string Repository)> GetAsync(
        LabCache cache, Keeper keeper, string labFolder, IProgress<LabProgress> progress, CancellationToken cancellationToken)
    {
        var key = await CacheKey.HashAsync([await PackageState.HashAsync(cancellationToken), .. PurgedToo, .. Offered], [Path.Combine(LabPaths.Programs, "make-bare.sh")], cancellationToken);
        var image = await cache.GetAsync("bare", key, labFolder, async folder =>
        {
            progress.Report(new("bare layer", "purging libvirt and QEMU from a copy of the machine's root"));
            await keeper.RunScriptAsync("make-bare.sh", [folder, .. PurgedToo], cancellationToken);
            progress.Report(new("bare layer", "made", Done: true));
        }, cancellationToken);
        var repository = await cache.GetAsync("packages", key, labFolder, async folder =>
        {
            progress.Report(new("package repository", "downloading what a bare host lacks"));
            await FillRepositoryAsync(keeper, Path.Combine(image, "status"), folder, cancellationToken);
            progress.Report(new("package repository", "filled", Done: true));
        }, cancellationToken);
        var mount = Path.Combine(labFolder, "bare");
        Directory.CreateDirectory(mount);
        (await keeper.RunAsync(["mount", "-o", "loop,ro", Path.Combine(image, "layer.img"), mount], cancellationToken: cancellationToken)).OutputOrThrow();
        return (Path.Combine(mount, "upper"), repository);
    }

    private static async Task FillRepositoryAsync(Keeper keeper, string statusFile, string folder, CancellationToken cancellationToken)
    {
        // apt itself says what an installation on such a host would take, dependencies and versions included.
        var plan = await keeper.RunAsync(
            ["apt-get", "--simulate", "--no-install-recommends", "-o", $"Dir::State::status={statusFile}", "install", .. Offered], cancellationToken: cancellationToken);
        if (plan.ExitCode != 0)
        {
            throw new LabException(LabFailure.UnmetRequirement, $"apt can't say where the packages for bare hosts come from; run `apt-get update` and try again: {plan.Error.Trim()}");
        }

        var packages = plan.Output.Split('\n')
            .Select(line => line.Split(' '))
            .Where(words => words is ["Inst", _, ..])
            .Select(words => $"{words[1]}={words.First(word => word.StartsWith('('))[1..]}")
            .ToList();
        (await keeper.RunAsync(["sh", "-c", "cd \"$1\" && shift && exec apt-get -q -o APT::Sandbox::User=root download \"$@\"", "sh", folder, .. packages],
            machineNetwork: true, cancellationToken: cancellationToken)).OutputOrThrow();
        await File.WriteAllTextAsync(Path.Combine(folder, "Packages"), await IndexAsync(folder, cancellationToken), cancellationToken);
    }

    // The index of a flat repository: each package's own control fields, and where and what its file is.
    private static async Task<string> IndexAsync(string folder, CancellationToken cancellationToken)
    {
        List<string> stanzas = [];
        foreach (var file in Directory.GetFiles(folder, "*.deb").Order(StringComparer.Ordinal))
        {
            var control = (await CommandRunner.RunAsync("dpkg-deb", ["--field", file], cancellationToken: cancellationToken)).OutputOrThrow();
            var hash = await CommandRunner.RunAsync("sha256sum", [file], cancellationToken: cancellationToken);
            stanzas.Add($"{control}\nFilename: ./{Path.GetFileName(file)}\nSize: {new FileInfo(file).Length}\nSHA256: {hash.OutputOrThrow().Split(' ')[0]}\n");
        }

        return string.Join('\n', stanzas);
    }
}
