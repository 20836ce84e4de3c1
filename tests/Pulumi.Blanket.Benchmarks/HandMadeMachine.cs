using System.Globalization;
using System.Xml.Linq;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>
/// A machine made by hand on a host, after one of ours: the same XML but for what tells machines apart and our metadata, an overlay over the same image, and the same seed, which is there beforehand.
/// </summary>
internal sealed class HandMadeMachine
{
    private static int _count;

    private readonly string _name;
    private readonly string _make;
    private readonly string _files;

    private HandMadeMachine(LabHost host, string name, string make, string files) => (Host, _name, _make, _files) = (host, name, make, files);

    private LabHost Host { get; }

    /// <param name="sample">UUID of a machine of ours that is on the host.</param>
    public static async Task<HandMadeMachine> PrepareAsync(LabHost host, string sample, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _count);
        var uuid = Guid.NewGuid().ToString();
        var domain = XElement.Parse(await host.RunOrThrowAsync(["virsh", "dumpxml", "--inactive", sample], cancellationToken: cancellationToken));
        var disk = domain.Descendants("disk").First().Element("source")!.Attribute("file")!.Value;
        var image = await host.RunOrThrowAsync(["sh", "-c", $"qemu-img info -U {disk} | sed -n 's/^backing file: //p'"], cancellationToken: cancellationToken);
        var name = string.Create(CultureInfo.InvariantCulture, $"hand-{number}");
        domain.Element("metadata")?.Remove();
        domain.SetElementValue("name", name);
        domain.Descendants("mac").Single().SetAttributeValue("address", string.Create(CultureInfo.InvariantCulture, $"52:54:00:ff:{number / 256:x2}:{number % 256:x2}"));

        var files = Path.Combine(Path.GetDirectoryName(disk)!, uuid);
        var definition = $"{files}.xml";
        await host.RunOrThrowAsync(["tee", definition], domain.ToString().Replace(sample, uuid, StringComparison.Ordinal), cancellationToken);
        await host.RunOrThrowAsync(["cp", $"{Path.Combine(Path.GetDirectoryName(disk)!, sample)}-seed.iso", $"{files}-seed.iso"], cancellationToken: cancellationToken);
        var make = $"qemu-img create -q -f qcow2 -b {image} -F qcow2 {disk.Replace(sample, uuid, StringComparison.Ordinal)} && virsh -q define {definition} >&2 && virsh -q start {name} >&2";
        return new HandMadeMachine(host, name, make, $"{files}*");
    }

    /// <summary>Makes machines, all at once, on each host by one shell that is there already.</summary>
    /// <returns>From the first command to the end of the last one, in ms.</returns>
    public static async Task<double> MakeAsync(IEnumerable<HandMadeMachine> machines, CancellationToken cancellationToken)
    {
        // The hosts have one clock: they are on one machine.
        var spans = await Task.WhenAll(machines.GroupBy(machine => machine.Host).Select(async group =>
        {
            var script = $"date +%s%N; {string.Concat(group.Select(machine => $"({machine._make} || echo failed) & "))} wait; date +%s%N";
            var lines = (await group.Key.RunOrThrowAsync(["sh", "-c", script], cancellationToken: cancellationToken)).Split('\n');
            return lines is [var start, var end]
                ? (Start: long.Parse(start, CultureInfo.InvariantCulture), End: long.Parse(end, CultureInfo.InvariantCulture))
                : throw new InvalidOperationException($"on {group.Key.Name} a machine could not be made by hand");
        }));
        return (spans.Max(span => span.End) - spans.Min(span => span.Start)) / 1e6;
    }

    public async Task RemoveAsync(CancellationToken cancellationToken)
        => await Host.RunOrThrowAsync(["sh", "-c", $"virsh -q destroy {_name}; virsh -q undefine {_name}; rm -f {_files}"], cancellationToken: cancellationToken);
}
