using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Network;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Lab.Tests;

/// <summary>The network between the clouds: rates, cuts, NAT.</summary>
[Collection(nameof(FaultyLab))]
public sealed class WanTests(FaultyLab shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task A_host_that_is_cut_off_reaches_nobody_until_it_is_healed()
    {
        await Eventually.TrueAsync(() => ReachesAsync(shared.Aws, shared.Gcp.Address), "the host reaches its peer");
        await shared.Lab.CutAsync("aws-1", cancellationToken: Token);
        try
        {
            Assert.False(await ReachesAsync(shared.Aws, shared.Gcp.Address));
            Assert.False(await ReachesAsync(shared.Gcp, shared.Aws.Address));
            Assert.NotEqual(0, (await shared.SshAsync(shared.Aws, "true")).ExitCode);
            Assert.True(await ReachesAsync(shared.Gcp, shared.OnPrem.Address));
            Assert.Contains("cut", (await BlanketCommand.RunAsync("lab", "status", shared.Lab.Name)).Output, StringComparison.Ordinal);
        }
        finally
        {
            await shared.Lab.HealAsync("aws-1", cancellationToken: Token);
        }

        await Eventually.TrueAsync(() => ReachesAsync(shared.Aws, shared.Gcp.Address), "the healed host reaches its peer");
        (await shared.SshAsync(shared.Aws, "true")).OutputOrThrow();
    }

    [LabFact]
    public async Task A_cut_pair_reaches_everybody_else()
    {
        await shared.Lab.CutAsync("aws-1", "gcp-1", Token);
        try
        {
            Assert.False(await ReachesAsync(shared.Aws, shared.Gcp.Address));
            Assert.False(await ReachesAsync(shared.Gcp, shared.Aws.Address));
            Assert.True(await ReachesAsync(shared.Aws, shared.OnPrem.Address));
            Assert.True(await ReachesAsync(shared.OnPrem, shared.Gcp.Address));
            (await shared.SshAsync(shared.Aws, "true")).OutputOrThrow();
        }
        finally
        {
            await shared.Lab.HealAsync("gcp-1", "aws-1", Token);
        }

        Assert.Empty(shared.Lab.Wan.Cuts);
        await Eventually.TrueAsync(() => ReachesAsync(shared.Aws, shared.Gcp.Address), "the healed pair is joined");
    }

    [LabFact]
    public async Task Clients_alone_can_be_cut_from_a_host()
    {
        await shared.Lab.CutAsync("gcp-1", "control", Token);
        try
        {
            Assert.NotEqual(0, (await shared.SshAsync(shared.Gcp, "true")).ExitCode);
            Assert.True(await ReachesAsync(shared.Aws, shared.Gcp.Address));
        }
        finally
        {
            await shared.Lab.HealAsync("gcp-1", cancellationToken: Token);
        }

        await Eventually.TrueAsync(async () => (await shared.SshAsync(shared.Gcp, "true")).ExitCode == 0, "the host is reached again");
    }

    [LabFact]
    public async Task A_host_behind_nat_reaches_out_and_is_reached_only_through_another()
    {
        Assert.True(await ReachesAsync(shared.Hidden, shared.Aws.Address));
        Assert.False(await ReachesAsync(shared.Aws, shared.Hidden.Address));
        Assert.True(await ReachesAsync(shared.OnPrem, shared.Hidden.Address));

        // Not from the control namespace, by its own address or its router's.
        foreach (var address in (string[])[shared.Hidden.Address, WanPlan.AddressOnWan(4)])
        {
            var direct = await shared.Lab.RunAsync(["timeout", "1", "bash", "-c", $"exec 3<>/dev/tcp/{address}/22"], cancellationToken: Token);
            Assert.NotEqual(0, direct.ExitCode);
        }

        // Its peers see its router, not itself.
        var seen = await shared.Hidden.RunAsync(["bash", "-c", $"exec 3<>/dev/tcp/{shared.Aws.Address}/22; sleep 5"], cancellationToken: Token)
            .WaitAsync(TimeSpan.FromSeconds(1), Token).ContinueWith(
                _ => shared.Aws.RunOrThrowAsync(["ss", "--no-header", "--tcp", "--numeric", "state", "established", "sport", "=", ":22"], cancellationToken: Token), Token).Unwrap();
        Assert.Contains(WanPlan.AddressOnWan(4), seen, StringComparison.Ordinal);
        Assert.DoesNotContain("192.168.4.2", seen, StringComparison.Ordinal);

        Assert.Equal("onprem-2", (await shared.SshAsync(shared.Hidden, "hostname")).OutputOrThrow());
    }

    [LabFact]
    public async Task The_rate_of_a_link_holds_in_both_directions_and_changes_while_it_runs()
    {
        // A shaped link can only be slower than its rate, however busy the machine is: so the bound from below is safe.
        const int Bytes = 3_000_000;
        await shared.Lab.SetRateAsync("aws-1", 16, Token);
        try
        {
            Assert.True(await TransferAsync(shared.Gcp, shared.Aws, Bytes) > TimeSpan.FromSeconds(1), "into the host");
            Assert.True(await TransferAsync(shared.Aws, shared.Gcp, Bytes) > TimeSpan.FromSeconds(1), "out of the host");
        }
        finally
        {
            await shared.Lab.SetRateAsync("aws-1", HostDefinition.DefaultRateMbps, Token);
        }

        // And a fast link carries in the time of a slow one many times as much.
        await shared.Lab.SetRateAsync("gcp-1", 8, Token);
        var slow = await TransferAsync(shared.Aws, shared.Gcp, Bytes / 4);
        await shared.Lab.SetRateAsync("gcp-1", HostDefinition.DefaultRateMbps, Token);
        Assert.True(await TransferAsync(shared.Aws, shared.Gcp, Bytes / 4) < slow);
    }

    private static async Task<bool> ReachesAsync(LabHost from, string address)
        => (await from.RunAsync(["timeout", "1", "bash", "-c", $"exec 3<>/dev/tcp/{address}/22 && read -r -N 4 banner <&3 && [ \"$banner\" = SSH- ]"],
            cancellationToken: TestContext.Current.CancellationToken)).ExitCode == 0;

    // From the first byte sent to the last one received, over one TCP connection between two hosts.
    private static async Task<TimeSpan> TransferAsync(LabHost from, LabHost to, int bytes)
    {
        using var listener = await to.ListenAsync(Token);
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        using var sender = await from.ConnectAsync(new IPEndPoint(IPAddress.Parse(to.Address), port), Token);
        using var receiver = await listener.AcceptAsync(Token);
        var watch = Stopwatch.StartNew();
        var sending = sender.SendAsync(new byte[bytes], SocketFlags.None, Token);
        var buffer = new byte[64 * 1024];
        for (var received = 0; received < bytes;)
        {
            var count = await receiver.ReceiveAsync(buffer, Token);
            Assert.NotEqual(0, count);
            received += count;
        }

        await sending;
        return watch.Elapsed;
    }
}
