using System.Diagnostics;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Libvirt.Connection;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Tests.Support;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Tests;

/// <summary>Faults that a real libvirtd can't be made to show.</summary>
public sealed class ConnectionTests
{
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(20);

    private readonly FakeServer _server = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replies_find_their_calls_in_any_order()
    {
        await using var connection = await ConnectAsync();
        var calls = Enumerable.Range(0, 4).Select(_ => HostnameAsync(connection)).ToList();
        List<FakeCall> received = [];
        for (var index = 0; index < 4; index++)
        {
            received.Add(await _server.NextAsync());
        }

        foreach (var call in Enumerable.Reverse(received))
        {
            await call.ReplyAsync(writer => writer.String($"reply to {call.Message.Header.Serial}"));
        }

        var answers = await Task.WhenAll(calls);
        Assert.Equal(received.Select(call => $"reply to {call.Message.Header.Serial}"), answers);
    }

    [Fact]
    public async Task A_fifth_call_waits_until_one_is_answered()
    {
        await using var connection = await ConnectAsync();
        var calls = Enumerable.Range(0, 6).Select(_ => HostnameAsync(connection)).ToList();
        List<FakeCall> received = [];
        for (var index = 0; index < 4; index++)
        {
            received.Add(await _server.NextAsync());
        }

        await Task.Delay(50, Token);
        Assert.False(_server.TryNext(out _));
        Assert.Equal(4, connection.CallsInFlight);
        await received[0].ReplyAsync(writer => writer.String("a"));
        received.Add(await _server.NextAsync());
        await Task.Delay(30, Token);
        Assert.False(_server.TryNext(out _));
        foreach (var call in received[1..])
        {
            await call.ReplyAsync(writer => writer.String("b"));
        }

        await (await _server.NextAsync()).ReplyAsync(writer => writer.String("c"));
        await Task.WhenAll(calls);
        Assert.Equal(0, connection.CallsInFlight);
    }

    [Fact]
    public async Task A_call_that_is_not_answered_ends_at_its_deadline_and_keeps_its_place_until_the_late_reply()
    {
        await using var connection = await ConnectAsync();
        var fault = await Assert.ThrowsAsync<LibvirtException>(() => HostnameAsync(connection, TimeSpan.FromMilliseconds(80)));
        Assert.Equal((LibvirtFault.DeadlineExceeded, true), (fault.Fault, fault.RequestSent));
        Assert.Equal(1, connection.CallsInFlight);
        await (await _server.NextAsync()).ReplyAsync(writer => writer.String("late"));
        await Eventually.TrueAsync(() => Task.FromResult(connection.CallsInFlight == 0), "the late reply frees its place");

        var next = HostnameAsync(connection);
        await (await _server.NextAsync()).ReplyAsync(writer => writer.String("next"));
        Assert.Equal("next", await next);
    }

    [Fact]
    public async Task With_four_calls_unanswered_a_further_one_ends_at_its_deadline_unsent()
    {
        await using var connection = await ConnectAsync();
        using CancellationTokenSource cancelled = new();
        var stuck = Enumerable.Range(0, 4).Select(_ => HostnameAsync(connection, Ample, cancelled.Token)).ToList();
        for (var index = 0; index < 4; index++)
        {
            await _server.NextAsync();
        }

        await cancelled.CancelAsync();
        foreach (var call in stuck)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        // Cancelled they are for us, not for libvirtd, which stalls at five.
        var fault = await Assert.ThrowsAsync<LibvirtException>(() => HostnameAsync(connection, TimeSpan.FromMilliseconds(80)));
        Assert.Equal((LibvirtFault.DeadlineExceeded, false), (fault.Fault, fault.RequestSent));
        Assert.False(_server.TryNext(out _));
    }

    [Fact]
    public async Task A_waiting_call_can_be_cancelled()
    {
        await using var connection = await ConnectAsync();
        using CancellationTokenSource cancelled = new(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => HostnameAsync(connection, Ample, cancelled.Token));
        Assert.True(connection.IsOpen);
    }

    [Fact]
    public async Task A_call_that_waits_for_a_stuck_stream_can_be_cancelled_and_never_leaves()
    {
        FakeServer server = new(bufferBytes: 4096) { };
        await using var connection = await LibvirtConnection.ConnectAsync(server.Settings(), _ => { }, Token);
        server.Reads = false;
        var large = new string('x', 200_000);
        // The first is taken by the server, which then reads no further; the second fills the stream; the third waits behind it.
        var calls = Enumerable.Range(0, 2).Select(_ => connection.CallAsync(Procedures.DomainLookupByName, writer => writer.String(large), DomainReference.Read, Ample, Token)).ToList();
        var fault = await Assert.ThrowsAsync<LibvirtException>(() => HostnameAsync(connection, TimeSpan.FromMilliseconds(100)));
        Assert.Equal((LibvirtFault.DeadlineExceeded, false), (fault.Fault, fault.RequestSent));
        await connection.DisposeAsync();
        foreach (var call in calls)
        {
            Assert.Equal(LibvirtFault.Closed, (await Assert.ThrowsAsync<LibvirtException>(() => call)).Fault);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    [InlineData(31)]
    public async Task Death_in_the_middle_of_a_reply_fails_every_pending_call(int bytes)
    {
        await using var connection = await ConnectAsync();
        var calls = Enumerable.Range(0, 6).Select(_ => HostnameAsync(connection)).ToList();
        var call = await _server.NextAsync();
        await _server.Stream.WriteAsync(call.Reply(writer => writer.String("half a reply")).AsMemory(0, bytes), Token);
        await _server.KillAsync();
        var faults = await Task.WhenAll(calls.Select(pending => Assert.ThrowsAsync<LibvirtException>(() => pending)));
        Assert.All(faults, fault => Assert.Equal(LibvirtFault.ConnectionLost, fault.Fault));
        Assert.Equal(4, faults.Count(fault => fault.RequestSent));
        Assert.Equal(LibvirtFault.ConnectionLost, (await connection.Ended.WaitAsync(Ample, Token)).Fault);

        var after = await Assert.ThrowsAsync<LibvirtException>(() => HostnameAsync(connection));
        Assert.Equal((LibvirtFault.ConnectionLost, false), (after.Fault, after.RequestSent));
    }

    [Fact]
    public async Task Silence_ends_the_connection()
    {
        await using var connection = await LibvirtConnection.ConnectAsync(_server.Settings(keepaliveInterval: TimeSpan.FromMilliseconds(50)), _ => { }, Token);
        var watch = Stopwatch.StartNew();
        var call = HostnameAsync(connection);
        await Task.Delay(400, Token);
        Assert.True(connection.IsOpen, "pings are answered: the connection stays");
        _server.AnswersPings = false;
        var fault = await Assert.ThrowsAsync<LibvirtException>(() => call.WaitAsync(Ample, Token));
        Assert.Equal((LibvirtFault.Unresponsive, true), (fault.Fault, fault.RequestSent));
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_peer_that_does_not_even_read_is_noticed()
    {
        FakeServer server = new(bufferBytes: 4096);
        await using var connection = await LibvirtConnection.ConnectAsync(server.Settings(keepaliveInterval: TimeSpan.FromMilliseconds(50)), _ => { }, Token);
        server.Reads = false;
        var call = connection.CallAsync(Procedures.DomainLookupByName, writer => writer.String(new string('x', 1 << 20)), DomainReference.Read, Ample, Token);
        var second = connection.CallAsync(Procedures.DomainLookupByName, writer => writer.String(new string('x', 1 << 20)), DomainReference.Read, Ample, Token);
        Assert.Equal(LibvirtFault.Unresponsive, (await Assert.ThrowsAsync<LibvirtException>(() => call.WaitAsync(Ample, Token))).Fault);
        await Assert.ThrowsAsync<LibvirtException>(() => second);
    }

    [Fact]
    public async Task The_servers_pings_are_answered()
    {
        await using var connection = await ConnectAsync();
        MessageHeader ping = new(Procedures.KeepaliveProgram, Procedures.Version, Procedures.KeepalivePing, MessageType.Event, 0, MessageStatus.Ok);
        _server.AnswersPings = true;
        await _server.Stream.WriteAsync(Message.ToBytes(ping, []), Token);
        // The fake answers a pong with another one, as it does to anything of keepalive: the connection must bear it.
        var call = HostnameAsync(connection);
        await (await _server.NextAsync()).ReplyAsync(writer => writer.String("fine"));
        Assert.Equal("fine", await call);
    }

    [Fact]
    public async Task Errors_carry_what_libvirt_said()
    {
        await using var connection = await ConnectAsync();
        var call = HostnameAsync(connection);
        await (await _server.NextAsync()).RefuseAsync(42, 10, "Domain not found");
        var fault = await Assert.ThrowsAsync<LibvirtException>(() => call);
        Assert.Equal((LibvirtFault.Rejected, LibvirtErrorCode.NoDomain, LibvirtErrorDomain.Qemu, true), (fault.Fault, fault.Code, fault.Domain, fault.IsNotFound));
        Assert.Equal("libvirt refused ConnectGetHostname: Domain not found (code 42 NoDomain, from Qemu)", fault.Message);

        // Of a newer libvirt: numbers that nobody here knows.
        call = HostnameAsync(connection);
        await (await _server.NextAsync()).RefuseAsync(4711, 815, null);
        fault = await Assert.ThrowsAsync<LibvirtException>(() => call);
        Assert.Equal((LibvirtErrorCode.Unknown, 4711, LibvirtErrorDomain.Unknown, 815), (fault.Code, fault.RawCode, fault.Domain, fault.RawDomain));
        Assert.True(connection.IsOpen);
    }

    [Fact]
    public async Task A_reply_that_no_call_asked_for_ends_the_connection()
    {
        await using var connection = await ConnectAsync();
        var call = HostnameAsync(connection);
        var received = await _server.NextAsync();
        await _server.Stream.WriteAsync(Message.ToBytes(received.Message.Header with { Type = MessageType.Reply, Serial = 999 }, []), Token);
        Assert.Equal(LibvirtFault.Protocol, (await Assert.ThrowsAsync<LibvirtException>(() => call)).Fault);
    }

    [Fact]
    public async Task A_reply_that_can_not_be_read_ends_the_connection()
    {
        await using var connection = await ConnectAsync();
        var call = HostnameAsync(connection);
        await (await _server.NextAsync()).ReplyAsync(writer => writer.Int(1000));
        Assert.Equal(LibvirtFault.Protocol, (await Assert.ThrowsAsync<LibvirtException>(() => call)).Fault);
        Assert.False(connection.IsOpen);
    }

    [Fact]
    public async Task A_server_that_wants_a_password_is_an_authentication_fault()
    {
        FakeServer server = new() { AuthType = 1 };
        var fault = await Assert.ThrowsAsync<LibvirtException>(() => LibvirtConnection.ConnectAsync(server.Settings(), _ => { }, Token));
        Assert.Equal(LibvirtFault.AuthenticationFailed, fault.Fault);
    }

    [Fact]
    public async Task A_server_that_does_not_greet_ends_at_the_deadline()
    {
        var (client, _) = DuplexStream.Pair();
        var settings = _server.Settings(connectTimeout: TimeSpan.FromMilliseconds(100)) with { Open = _ => ValueTask.FromResult(client) };
        var fault = await Assert.ThrowsAsync<LibvirtException>(() => LibvirtConnection.ConnectAsync(settings, _ => { }, Token));
        Assert.Equal(LibvirtFault.ConnectFailed, fault.Fault);

        settings = settings with { Open = async _ => { await Task.Delay(Timeout.Infinite, CancellationToken.None); return Stream.Null; } };
        fault = await Assert.ThrowsAsync<LibvirtException>(() => LibvirtConnection.ConnectAsync(settings, _ => { }, Token));
        Assert.Equal(LibvirtFault.ConnectFailed, fault.Fault);
    }

    [Fact]
    public async Task What_can_not_be_sent_harms_nobody_else()
    {
        await using var connection = await ConnectAsync();
        for (var index = 0; index < 6; index++)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => connection.CallAsync(Procedures.DomainLookupByName, writer => writer.String("a\0b"), DomainReference.Read, Ample, Token));
        }

        var call = HostnameAsync(connection);
        await (await _server.NextAsync()).ReplyAsync(writer => writer.String("fine"));
        Assert.Equal("fine", await call);
    }

    private Task<LibvirtConnection> ConnectAsync() => LibvirtConnection.ConnectAsync(_server.Settings(), _ => { }, Token);

    private static Task<string> HostnameAsync(LibvirtConnection connection, TimeSpan? timeout = null, CancellationToken? cancellationToken = null)
        => connection.CallAsync(Procedures.ConnectGetHostname, null, (ref reader) => reader.ReadString(), timeout ?? Ample, cancellationToken ?? Token);
}
