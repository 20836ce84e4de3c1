using System.Globalization;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;

namespace Pulumi.Blanket.EndToEnd.Tests.Moving;

/// <summary>Looks 20 times a second on each host whether a VM runs there, through whatever becomes of the host's libvirtd.</summary>
internal sealed class RunSampler : IAsyncDisposable
{
    private readonly LabHost[] _hosts;
    private readonly string _folder = $"/var/tmp/samples-{Guid.NewGuid():n}";
    private readonly string _id;

    private RunSampler(LabHost[] hosts, string id) => (_hosts, _id) = (hosts, id);

    public static async Task<RunSampler> StartAsync(LabHost[] hosts, string id)
    {
        RunSampler sampler = new(hosts, id);
        await Task.WhenAll(hosts.Select(sampler.BeginAsync));
        return sampler;
    }

    /// <summary>A host that was down begins again.</summary>
    public Task BeginAsync(LabHost host) => host.RunOrThrowAsync(["bash", "-c",
        $$"""
        mkdir -p {{_folder}}
        setsid bash -c '
          while [ -d {{_folder}} ]; do
            { while [ -d {{_folder}} ]; do echo "domstate {{_id}}" || exit; sleep 0.05; done; } 2> /dev/null | virsh -q 2>&1 |
              while read -r line; do [ -z "$line" ] || echo "$EPOCHREALTIME $line" >> {{_folder}}/samples; done
            sleep 0.2
          done' > /dev/null 2>&1 < /dev/null &
        """]);

    /// <summary>The moments at which it was seen running on two hosts at once.</summary>
    public async Task<IReadOnlyList<string>> ReadDoublesAsync()
    {
        var spans = (await Task.WhenAll(_hosts.Select(async host => (await RunningSpansAsync(host)).Select(span => (host.Name, span.From, span.To))))).SelectMany(host => host).ToList();
        return [.. from one in spans from other in spans
                   where string.CompareOrdinal(one.Name, other.Name) < 0 && one.From < other.To && other.From < one.To
                   select string.Create(CultureInfo.InvariantCulture, $"{one.Name} {one.From:F3}-{one.To:F3}, {other.Name} {other.From:F3}-{other.To:F3}")];
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_hosts.Select(host => host.RunAsync(["rm", "-rf", _folder])));

    // Between two samples that follow on each other and say "running".
    private async Task<IReadOnlyList<(double From, double To)>> RunningSpansAsync(LabHost host)
    {
        var samples = (await host.RunAsync(["cat", $"{_folder}/samples"])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2)).Where(parts => parts.Length == 2 && double.TryParse(parts[0], CultureInfo.InvariantCulture, out _))
            .Select(parts => (At: double.Parse(parts[0], CultureInfo.InvariantCulture), Runs: parts[1].Contains("running", StringComparison.Ordinal))).ToList();
        return [.. samples.Zip(samples.Skip(1)).Where(pair => pair.First.Runs && pair.Second.Runs && pair.Second.At - pair.First.At < 1).Select(pair => (pair.First.At, pair.Second.At))];
    }
}
