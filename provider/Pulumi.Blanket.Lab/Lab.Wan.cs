using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Network;

namespace Pulumi.Blanket.Lab;

public sealed partial class Lab
{
    /// <summary>What of the WAN is not as it came up: rates, cuts, addresses that moved.</summary>
    public WanState Wan => ReadWan();

    /// <summary>Drops everything that <paramref name="host"/> sends and gets, or only what goes between it and <paramref name="peer"/> (a host, or <c>control</c>).</summary>
    public Task CutAsync(string host, string? peer = null, CancellationToken cancellationToken = default)
        => ChangeCutsAsync(host, peer, (cuts, cut) => cuts.Add(cut), cancellationToken);

    /// <summary>Takes back a cut. Of a host without a peer: all cuts that it is part of.</summary>
    public Task HealAsync(string host, string? peer = null, CancellationToken cancellationToken = default)
        => ChangeCutsAsync(host, peer, (cuts, cut) => cuts.RemoveWhere(other => other == cut || (peer is null && (other.Host == host || other.Peer == host))), cancellationToken);

    /// <summary>Sets the rate of a host's link, each way, in Mbit/s (1 to 10,000), from now on.</summary>
    public async Task SetRateAsync(string host, int rateMbps, CancellationToken cancellationToken = default)
    {
        if (rateMbps is < 1 or > 10_000)
        {
            throw new LabException(LabFailure.InvalidInput, $"a link's rate is 1 to 10000 Mbit/s, not {rateMbps}");
        }

        var target = Host(host);
        await ChangeWanAsync(wan => wan.RatesMbps[host] = rateMbps, async token =>
        {
            await target.WriteLinksAsync(token);
            if (target.IsOn)
            {
                (await RunAsync(["tc", "-batch", "-"], Plan.Rate(host), token)).OutputOrThrow();
            }
        }, cancellationToken);
    }

    // Record and kernel change under one lock, so that two commands at once can't leave them apart.
    internal async Task ChangeWanAsync(Action<WanState> change, Func<CancellationToken, Task> apply, CancellationToken cancellationToken)
    {
        using (await LabLock.TakeAsync($"{Folder}/{WanFile}", cancellationToken))
        {
            var wan = ReadWan();
            change(wan);
            await WriteJsonAsync(Path.Combine(Folder, WanFile), wan, LabJson.Default.WanState, cancellationToken);
            await apply(cancellationToken);
        }
    }

    private async Task ChangeCutsAsync(string host, string? peer, Action<HashSet<WanCut>, WanCut> change, CancellationToken cancellationToken)
    {
        foreach (var name in ((string?[])[host, peer]).OfType<string>().Where(name => name != LabDefinition.Control))
        {
            Host(name);
        }

        if (host == peer || (peer is null && host == LabDefinition.Control))
        {
            throw new LabException(LabFailure.InvalidInput, $"a cut is of one host, or between two ends; '{host}' with '{peer ?? "nothing"}' is neither");
        }

        await ChangeWanAsync(wan => change(wan.Cuts, WanCut.Between(host, peer)),
            async token => (await RunAsync(["nft", "-f", "-"], Plan.Cuts(), token)).OutputOrThrow(), cancellationToken);
    }

    private async Task MakeWanAsync(CancellationToken cancellationToken)
    {
        foreach (var (router, _) in Plan.Routers())
        {
            (await RunAsync(["ip", "netns", "add", router], cancellationToken: cancellationToken)).OutputOrThrow();
        }

        (await RunAsync(["ip", "-batch", "-"], Plan.Bridges(), cancellationToken)).OutputOrThrow();
        foreach (var (router, batch) in Plan.Routers())
        {
            (await RunAsync(["ip", "-netns", router, "-batch", "-"], batch, cancellationToken)).OutputOrThrow();
            (await RunAsync(["ip", "netns", "exec", router, "sysctl", "-q", "net.ipv4.ip_forward=1"], cancellationToken: cancellationToken)).OutputOrThrow();
            (await RunAsync(["ip", "netns", "exec", router, "nft", "-f", "-"], WanPlan.RouterRules, cancellationToken)).OutputOrThrow();
        }
    }
}
