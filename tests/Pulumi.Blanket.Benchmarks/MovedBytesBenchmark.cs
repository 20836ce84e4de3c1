using System.Diagnostics;
using System.Globalization;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>What goes over the mesh of a machine that is mostly its base image.</summary>
internal sealed class MovedBytesBenchmark : IBenchmark
{
    private const int BaseMiB = 1024;
    private const int ChangesMiB = 20;

    public string Name => "moved-bytes";

    public string? Obstacle => BenchLab.Obstacle;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var bench = await MoveBench.UpAsync(cancellationToken);
        var fabric = bench.Fabric;
        var (from, to) = (fabric.Lab.Hosts[0], fabric.Lab.Hosts[1]);
        var image = await MakeBaseAsync(fabric, cancellationToken);
        var keeper = await fabric.Stack.UpAsync("VirtualMachine", "keeper", fabric.Machine("keeper", to.Name, running: false, image), cancellationToken);
        var machine = await fabric.Stack.UpAsync("VirtualMachine", "grown", fabric.Machine("grown", from.Name, running: false, image), cancellationToken);

        // Behind the guest's own file system, where it does not write by itself.
        var disk = (await from.RunOrThrowAsync(["sh", "-c", $"virsh domblklist {machine.Id} --details | awk '$4 ~ /qcow2$/ {{ print $4 }}'"], cancellationToken: cancellationToken)).Trim();
        await from.RunOrThrowAsync(["qemu-io", "-f", "qcow2", "-c", $"write -P 0xa5 {BaseMiB / 2}M {ChangesMiB}M", disk], cancellationToken: cancellationToken);
        (machine, _) = await fabric.Stack.UpdateAsync(machine, fabric.Machine("grown", from.Name, image: image), cancellationToken);
        await bench.AnswersAsync(machine);
        var changes = long.Parse(await from.RunOrThrowAsync(["stat", "-c", "%s", disk], cancellationToken: cancellationToken), CultureInfo.InvariantCulture);
        var sent = await MoveBench.ReadSentAsync(from);
        var again = await ReadSentAgainAsync();
        (machine, _) = await fabric.Stack.UpdateAsync(machine, fabric.Machine("grown", to.Name, image: image), cancellationToken);
        var bytes = await MoveBench.ReadSentAsync(from) - sent;
        again = await ReadSentAgainAsync() - again;
        var memory = long.Parse((await to.RunOrThrowAsync(["sh", "-c", $"virsh domjobinfo {machine.Id} --completed --rawstats | sed -n 's/^memory_processed: //p'"], cancellationToken: cancellationToken)).Trim(), CultureInfo.InvariantCulture);
        await fabric.Stack.DeleteAsync(machine, cancellationToken);
        await fabric.Stack.DeleteAsync(keeper, cancellationToken);
        return
        [
            new($"a VM of a base of {BaseMiB} MiB and {changes >> 20} MiB of changes, bytes over the mesh", bytes, changes + memory, "its changes and its memory", "at most 1.1 times the baseline, but for what TCP sends again", bytes - again <= 1.1 * (changes + memory)),
            new("in it: what TCP sent again, bytes", again, null, "", "part of the one above", true),
        ];

        // Whole segments, of the mesh's 1,380 bytes.
        async Task<long> ReadSentAgainAsync()
            => long.Parse(await from.RunOrThrowAsync(["awk", "$1 == \"Tcp:\" && $13 ~ /^[0-9]+$/ { print $13 }", "/proc/net/snmp"], cancellationToken: cancellationToken), CultureInfo.InvariantCulture) * 1380;
    }

    /// <summary>The lab's guest in the front of a disk that is full of what can't be compressed.</summary>
    /// <returns>Its id.</returns>
    private static async Task<string> MakeBaseAsync(BenchFabric fabric, CancellationToken cancellationToken)
    {
        var path = Path.Combine(fabric.Lab.Folder, "base.raw");
        using (var convert = Process.Start("qemu-img", ["convert", "-O", "raw", Path.Combine(fabric.Lab.GuestFolder, "guest.qcow2"), path]))
        {
            await convert.WaitForExitAsync(cancellationToken);
        }

        await using (FileStream file = new(path, FileMode.Append))
        {
            var block = new byte[1 << 20];
            while (file.Position < (long)BaseMiB << 20)
            {
                Random.Shared.NextBytes(block);
                await file.WriteAsync(block, cancellationToken);
            }
        }

        var image = await fabric.Stack.UpAsync("Image", "base", ObjectValue.Empty.With("name", "base").With("fabric", fabric.Connection).With("source", path).With("format", "raw"), cancellationToken);
        File.Delete(path);
        return image.Id;
    }
}
