using System.Diagnostics;
using System.Security.Cryptography;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>
/// An image of 500 MiB that can't be compressed, from one member to another: by making a machine there that is to use it and does not run, beside `scp` of the same file between the same members over the same mesh. By turns, medians.
/// </summary>
internal sealed class ImagesBenchmark : IBenchmark
{
    private const int SizeMiB = 500;
    private const int Turns = 7;

    public string Name => "images";

    public string? Obstacle => BenchLab.Obstacle;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var fabric = await BenchFabric.UpAsync(cancellationToken);
        var (from, to) = (fabric.Lab.Hosts[0], fabric.Lab.Hosts[1]);
        var image = await MakeImageAsync(fabric, cancellationToken);
        var file = $"/var/lib/blanket/pool/image-{image[(image.IndexOf('/', StringComparison.Ordinal) + 1)..]}";
        await from.RunOrThrowAsync(["test", "-s", file], cancellationToken: cancellationToken);
        await HostTrust.LetInAsync(from, to, cancellationToken);
        List<double> ours = [];
        List<double> scp = [];
        for (var turn = 0; turn < Turns; turn++)
        {
            var machine = await fabric.Stack.CheckAsync("VirtualMachine", "bench", fabric.Machine("bench", to.Name, running: false, image), cancellationToken);
            await to.RunOrThrowAsync(["sync"], cancellationToken: cancellationToken);
            var start = Stopwatch.GetTimestamp();
            machine = await fabric.Stack.CreateAsync(machine, cancellationToken);
            ours.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            await to.RunOrThrowAsync(["test", "-s", file], cancellationToken: cancellationToken);
            await fabric.Stack.DeleteAsync(machine, cancellationToken);

            await to.RunOrThrowAsync(["sync"], cancellationToken: cancellationToken);
            start = Stopwatch.GetTimestamp();
            await from.RunOrThrowAsync(["scp", "-q", "-i", HostTrust.KeyFile, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", file, $"root@{fabric.MeshAddresses[to.Name]}:/var/lib/blanket/bench"], cancellationToken: cancellationToken);
            scp.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            await to.RunOrThrowAsync(["rm", "/var/lib/blanket/bench"], cancellationToken: cancellationToken);
        }

        return [new("an image of 500 MiB to a second member, s", ours.Median(), scp.Median(), "scp over the same mesh", "at most 1.2 times the baseline", ours.Median() <= 1.2 * scp.Median())];
    }

    /// <returns>Its id.</returns>
    private static async Task<string> MakeImageAsync(BenchFabric fabric, CancellationToken cancellationToken)
    {
        var path = Path.Combine(fabric.Lab.Folder, "bench.raw");
        await using (FileStream file = new(path, FileMode.Create))
        {
            var block = new byte[1 << 20];
            for (var written = 0; written < SizeMiB; written++)
            {
                RandomNumberGenerator.Fill(block);
                await file.WriteAsync(block, cancellationToken);
            }
        }

        var image = await fabric.Stack.UpAsync("Image", "large", ObjectValue.Empty.With("name", "large").With("fabric", fabric.Connection).With("source", path).With("format", "raw"), cancellationToken);
        File.Delete(path);
        return image.Id;
    }
}
