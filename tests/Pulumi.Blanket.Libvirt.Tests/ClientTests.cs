using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Events;
using Pulumi.Blanket.Libvirt.Migration;
using Pulumi.Blanket.Libvirt.Tests.Support;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Tests;

/// <summary>The client over a fake server: lanes, reconnection, events.</summary>
public sealed class ClientTests
{
    private static readonly DomainReference Domain = new("web-1", Guid.NewGuid(), 7);

    private readonly FakeServer _server = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Long_calls_and_migrations_hold_up_nothing_else()
    {
        await using var client = await ConnectAsync();
        var starts = Enumerable.Range(0, 6).Select(_ => client.StartAsync(Domain, cancellationToken: Token)).ToList();
        var moves = Enumerable.Range(0, 6).Select(_ => client.MigrateAsync(Domain, "qemu+unix:///system", MigrationOptions.Live, new MigrationParameters(), Token)).ToList();
        List<FakeCall> held = [];
        for (var index = 0; index < 8; index++)
        {
            held.Add(await _server.NextAsync());
        }

        var hostname = client.GetHostnameAsync(Token);
        await (await _server.NextAsync()).ReplyAsync(writer => writer.String("aws-1"));
        Assert.Equal("aws-1", await hostname);
        Assert.Equal(3, _server.Connections);
        Assert.Equal((4, 4), (held.Count(call => call.Procedure == Procedures.DomainCreateWithFlags.Number), held.Count(call => call.Procedure == Procedures.DomainMigratePerform3Params.Number)));

        await client.DisposeAsync();
        foreach (var call in starts.Concat(moves))
        {
            Assert.Equal(LibvirtFault.Closed, (await Assert.ThrowsAsync<LibvirtException>(() => call)).Fault);
        }
    }

    [Fact]
    public async Task After_a_loss_calls_wait_for_the_next_connection_and_events_go_on()
    {
        await using var client = await ConnectAsync();
        TaskCompletionSource lost = new();
        TaskCompletionSource restored = new();
        client.ConnectionLost += (_, _) => lost.TrySetResult();
        client.ConnectionRestored += (_, _) => restored.TrySetResult();
        await using var subscription = client.Subscribe();
        await using var events = subscription.ReadAllAsync(Token).GetAsyncEnumerator(Token);
        await _server.Stream.WriteAsync(FakeCall.Lifecycle(Domain, DomainLifecycle.Started), Token);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(new DomainLifecycleEvent(Domain, DomainLifecycle.Started, 0), events.Current);

        var pending = client.GetHostnameAsync(Token);
        await _server.NextAsync();
        _server.Refuses = true;
        await _server.KillAsync();
        var fault = await Assert.ThrowsAsync<LibvirtException>(() => pending);
        Assert.Equal((LibvirtFault.ConnectionLost, true), (fault.Fault, fault.RequestSent));
        await lost.Task.WaitAsync(TimeSpan.FromSeconds(5), Token);

        var waiting = client.GetHostnameAsync(Token);
        await Task.Delay(200, Token);
        Assert.False(waiting.IsCompleted);
        _server.Refuses = false;
        await (await _server.NextAsync()).ReplyAsync(writer => writer.String("back"));
        Assert.Equal("back", await waiting);
        await restored.Task.WaitAsync(TimeSpan.FromSeconds(5), Token);

        Assert.True(await events.MoveNextAsync());
        Assert.IsType<EventsMissed>(events.Current);
        await _server.Stream.WriteAsync(FakeCall.Lifecycle(Domain, DomainLifecycle.Stopped), Token);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(new DomainLifecycleEvent(Domain, DomainLifecycle.Stopped, 0), events.Current);

        await client.DisposeAsync();
        Assert.False(await events.MoveNextAsync());
    }

    [Fact]
    public async Task A_call_gives_up_when_no_connection_comes()
    {
        await using var client = await ConnectAsync(options => options with { ReconnectTimeout = TimeSpan.FromMilliseconds(150) });
        _server.Refuses = true;
        await _server.KillAsync();
        await Eventually.TrueAsync(async () =>
        {
            var fault = await Assert.ThrowsAsync<LibvirtException>(() => client.GetHostnameAsync(Token));
            return fault is { Fault: LibvirtFault.ConnectFailed, RequestSent: false } && fault.Message.Contains("connection refused", StringComparison.Ordinal);
        }, "the fault says why");
    }

    [Fact]
    public async Task A_first_connection_that_fails_fails_at_once()
    {
        _server.Refuses = true;
        var fault = await Assert.ThrowsAsync<LibvirtException>(() => ConnectAsync());
        Assert.Equal(LibvirtFault.ConnectFailed, fault.Fault);
        var missing = await Assert.ThrowsAsync<LibvirtException>(() => LibvirtClient.ConnectAsync(LibvirtClientOptions.ForSocket("/nonexistent/libvirt-sock"), Token));
        Assert.Equal(LibvirtFault.ConnectFailed, missing.Fault);
    }

    [Fact]
    public async Task Calls_after_closing_say_so()
    {
        var client = await ConnectAsync();
        await client.DisposeAsync();
        await client.DisposeAsync();
        Assert.Equal(LibvirtFault.Closed, (await Assert.ThrowsAsync<LibvirtException>(() => client.GetHostnameAsync(Token))).Fault);
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_is_told()
    {
        await using var client = await ConnectAsync();
        await using var subscription = client.Subscribe();
        var bytes = FakeCall.Lifecycle(Domain, DomainLifecycle.Started);
        for (var index = 0; index < EventSubscription.Capacity + 10; index++)
        {
            await _server.Stream.WriteAsync(bytes, Token);
        }

        // The answer comes after all events, so they have arrived by then.
        var call = client.GetHostnameAsync(Token);
        await (await _server.NextAsync()).ReplyAsync(writer => writer.String("a"));
        await call;
        await using var events = subscription.ReadAllAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("10 events came faster than they were read", Assert.IsType<EventsMissed>(events.Current).Reason);
        for (var index = 0; index < EventSubscription.Capacity; index++)
        {
            Assert.True(await events.MoveNextAsync());
            Assert.IsType<DomainLifecycleEvent>(events.Current);
        }
    }

    private Task<LibvirtClient> ConnectAsync(Func<LibvirtClientOptions, LibvirtClientOptions>? change = null)
    {
        LibvirtClientOptions options = new() { Open = _server.OpenAsync, KeepaliveInterval = TimeSpan.FromSeconds(30) };
        return LibvirtClient.ConnectAsync(change is null ? options : change(options), Token);
    }
}
