using System.Globalization;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>A live migration by `virsh`, as somebody who knows how would do it: peer to peer over the same mesh, with the flags that we use but for arriving paused, the target's disks made beforehand.</summary>
internal sealed class HandMadeMove(LabHost from, LabHost to, string targetAddress, string uuid)
{
    /// <returns>Of `virsh migrate` alone, in ms.</returns>
    public async Task<double> RunAsync(CancellationToken cancellationToken)
    {
        await HostTrust.LetInAsync(from, to, cancellationToken);
        var disk = await AskAsync($"virsh domblklist {uuid} --details | awk '$4 ~ /qcow2$/ {{ print $4 }}'");
        var seed = await AskAsync($"virsh domblklist {uuid} --details | awk '$4 ~ /iso$/ {{ print $4 }}'");
        var image = await AskAsync($"qemu-img info -U {disk} | sed -n 's/^backing file: \\([^ ]*\\).*/\\1/p'");
        var format = await AskAsync($"qemu-img info -U {disk} | sed -n 's/^backing file format: //p'");
        var size = await AskAsync($"qemu-img info -U --output json {disk} | sed -n 's/.*\"virtual-size\": \\([0-9]*\\).*/\\1/p' | head -n 1");
        await to.RunOrThrowAsync(["sh", "-ec", $"rm -f {disk}; qemu-img create -q -f qcow2 -b {image} -F {format} {disk} {size}"], cancellationToken: cancellationToken);
        File.Copy(from.PathInside(seed), to.PathInside(seed), overwrite: true);
        var stamps = (await from.RunOrThrowAsync(["sh", "-ec",
            $"""
            date +%s%N
            virsh -q migrate --live --p2p --persistent --undefinesource --copy-storage-inc --migrateuri tcp://{targetAddress} --listen-address {targetAddress} \
                {uuid} 'qemu+ssh://root@{targetAddress}/system?keyfile={HostTrust.KeyFile}&no_verify=1&no_tty=1' >&2
            date +%s%N
            rm -f {disk} {seed}
            """], cancellationToken: cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (long.Parse(stamps[1], CultureInfo.InvariantCulture) - long.Parse(stamps[0], CultureInfo.InvariantCulture)) / 1e6;

        async Task<string> AskAsync(string command) => (await from.RunOrThrowAsync(["sh", "-ec", command], cancellationToken: cancellationToken)).Trim();
    }
}
