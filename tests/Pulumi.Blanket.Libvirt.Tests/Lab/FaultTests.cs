using System.Diagnostics;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Guests;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Events;

namespace Pulumi.Blanket.Libvirt.Tests.Lab;

/// <summary>libvirtd killed and frozen under a client.</summary>
[Collection(nameof(LibvirtLab))]
public sealed class FaultTests(LibvirtLab lab)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task After_libvirtd_was_killed_calls_and_events_work_again()
    {
        await using var client = await LibvirtLab.ConnectAsync(lab.Target);
        await using var subscription = client.Subscribe();
        await using var events = subscription.ReadAllAsync(Token).GetAsyncEnumerator(Token);

        // Frozen first, so that the calls are certainly under way when it dies.
        await lab.Target.FreezeAsync(FaultTarget.Libvirtd, Token);
        var pending = Enumerable.Range(0, 8).Select(_ => client.GetHostnameAsync(Token)).ToList();
        await Task.Delay(50, Token);
        await lab.Target.KillAsync(FaultTarget.Libvirtd, Token);
        var outcomes = await Task.WhenAll(pending.Select(async call =>
        {
            try
            {
                return await call;
            }
            catch (LibvirtException fault)
            {
                return $"{fault.Fault} {fault.RequestSent}";
            }
        }));

        // Four were under way; the others had not left, and are made on the next connection.
        Assert.Equal(4, outcomes.Count(outcome => outcome == "ConnectionLost True"));
        Assert.Equal(4, outcomes.Count(outcome => outcome == "gcp-1"));

        var domain = await client.DefineDomainAsync(LibvirtLab.Guest("after-kill").ToXml(), cancellationToken: Token);
        Assert.True(await events.MoveNextAsync());
        Assert.IsType<EventsMissed>(events.Current);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(new DomainLifecycleEvent(domain, DomainLifecycle.Defined, 0), events.Current);
        await client.UndefineAsync(domain, cancellationToken: Token);
    }

    [LabFact]
    public async Task A_frozen_libvirtd_is_noticed_and_found_again()
    {
        await using var client = await LibvirtLab.ConnectAsync(lab.Target, options => options with
        {
            KeepaliveInterval = TimeSpan.FromMilliseconds(250),
            ReconnectTimeout = TimeSpan.FromSeconds(1),
            ConnectTimeout = TimeSpan.FromSeconds(1),
        });
        await Task.Delay(1500, Token);
        Assert.Equal("gcp-1", await client.GetHostnameAsync(Token));
        await lab.Target.FreezeAsync(FaultTarget.Libvirtd, Token);
        try
        {
            var watch = Stopwatch.StartNew();
            var fault = await Assert.ThrowsAsync<LibvirtException>(() => client.GetHostnameAsync(Token));
            Assert.Equal((LibvirtFault.Unresponsive, true), (fault.Fault, fault.RequestSent));
            Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(700), TimeSpan.FromSeconds(60));
            Assert.Equal(LibvirtFault.ConnectFailed, (await Assert.ThrowsAsync<LibvirtException>(() => client.GetHostnameAsync(Token))).Fault);
        }
        finally
        {
            await lab.Target.ThawAsync(FaultTarget.Libvirtd, Token);
        }

        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await client.GetHostnameAsync(Token) == "gcp-1";
            }
            catch (LibvirtException fault) when (fault.Fault is LibvirtFault.ConnectFailed)
            {
                return false;
            }
        }, "the client reconnects by itself");
    }

    [LabFact]
    public async Task A_host_that_was_rebooted_is_found_again()
    {
        await using var client = await LibvirtLab.ConnectAsync(lab.Target, options => options with { ReconnectTimeout = TimeSpan.FromSeconds(20) });
        await lab.Target.KillAsync(FaultTarget.Host, Token);
        await lab.Target.StartAsync(Token);
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await client.GetHostnameAsync(Token) == "gcp-1";
            }
            catch (LibvirtException fault) when (fault.Fault is LibvirtFault.ConnectionLost)
            {
                return false;
            }
        }, "the client reconnects by itself");
        await GuestNetwork.JoinAsync(lab.Lab, Token);
    }
}
