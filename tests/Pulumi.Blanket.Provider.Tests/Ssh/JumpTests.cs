using System.Net;
using System.Net.Sockets;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Provider.Ssh;
using Pulumi.Blanket.Provider.Ssh.Forwarding;

namespace Pulumi.Blanket.Provider.Tests.Ssh;

[Collection(nameof(SshLab))]
public sealed class JumpTests(SshLab lab)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task A_host_behind_another_is_reached_and_its_own_key_checked()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        var inner = Inner(lab.Target(relay));
        var connection = await connections.GetAsync(inner, Token);
        Assert.Equal("aws-2\n", (await connection.RunAsync("hostname", null, Token)).Text);
        Assert.Equal(lab.Inner.PublicHostKey, connection.HostKey.ToString());

        var fault = await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(inner with { HostKey = lab.First.PublicHostKey }, Token));
        Assert.Equal(SshFailure.HostKeyMismatch, fault.Failure);
        await using SshConnections others = new();
        fault = await Assert.ThrowsAsync<SshException>(() => others.GetAsync(inner with { HostKey = lab.First.PublicHostKey }, Token));
        Assert.Equal(SshFailure.HostKeyMismatch, fault.Failure);
        Assert.Contains("via root@127.0.0.1", fault.Message, StringComparison.Ordinal);
    }

    [LabFact]
    public async Task Two_hosts_can_stand_before_it_and_are_shared_with_who_uses_them_directly()
    {
        await using var relay = lab.Relay(lab.Second);
        await using SshConnections connections = new();
        var outer = lab.Target(relay);
        var middle = outer with { Address = lab.First.Address, Port = 22 };
        var inner = Inner(outer) with { Jumps = [outer, middle] };
        var connection = await connections.GetAsync(inner, Token);
        Assert.Equal("aws-2\n", (await connection.RunAsync("hostname", null, Token)).Text);
        Assert.Equal("aws-1\n", (await (await connections.GetAsync(middle with { Jumps = [outer] }, Token)).RunAsync("hostname", null, Token)).Text);
        Assert.Equal("gcp-1\n", (await (await connections.GetAsync(outer, Token)).RunAsync("hostname", null, Token)).Text);
        Assert.Equal(1, relay.Accepted);

        // Much through all of it.
        await using var channel = await connection.OpenChannelAsync("cat", Token);
        var data = new byte[4 * 1024 * 1024];
        Random.Shared.NextBytes(data);
        var writing = channel.WriteAsync(data, Token).AsTask();
        var back = new byte[data.Length];
        await channel.ReadExactlyAsync(back, Token);
        await writing;
        Assert.Equal(data, back);
    }

    [LabFact]
    public async Task The_keys_of_those_before_it_are_pinned_as_well()
    {
        await using var relay = lab.Relay(lab.Second);
        await using SshConnections connections = new();
        var outer = lab.Target(relay);
        var middle = outer with { Address = lab.First.Address, Port = 22 };
        var inner = Inner(outer) with { Jumps = [outer, middle] };
        var connection = await connections.GetAsync(inner, Token);
        var pinned = connection.Pin(inner);
        Assert.Equal([lab.Second.PublicHostKey, lab.First.PublicHostKey, lab.Inner.PublicHostKey], [.. pinned.Jumps.Select(jump => jump.HostKey), pinned.HostKey]);
        Assert.Same(connection, await connections.GetAsync(pinned, Token));

        // The open connection is nobody's who expects another one on the way, and neither is a new one.
        var other = pinned with { Jumps = [pinned.Jumps[0], pinned.Jumps[1] with { HostKey = lab.Second.PublicHostKey }] };
        Assert.Equal(SshFailure.HostKeyMismatch, (await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(other, Token))).Failure);
        relay.Cut();
        await lab.Second.ChangeHostKeyAsync(Token);
        try
        {
            var fault = await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(pinned, Token));
            Assert.Equal(SshFailure.HostKeyMismatch, fault.Failure);
            Assert.Contains(outer.Address, fault.Message, StringComparison.Ordinal);
        }
        finally
        {
            await lab.Second.RestoreHostKeyAsync(Token);
        }
    }

    [LabFact]
    public async Task Nobody_else_gets_through_the_forward()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        var jump = await connections.GetAsync(lab.Target(relay), Token);
        using var forward = jump.OpenForward(lab.Inner.Address, 22);

        // Before ours came: the library's own port, the proxy without and with a wrong secret.
        Assert.Equal("", await FirstLineAsync(forward.InnerPort, ""));
        Assert.Equal("", await FirstLineAsync(forward.Port, "CONNECT x:22 HTTP/1.0\r\n\r\n"));
        Assert.Equal("", await FirstLineAsync(forward.Port, $"CONNECT x:22 HTTP/1.0\r\nProxy-Authorization: Basic {Convert.ToBase64String("blanket:guess"u8)}\r\n\r\n"));

        // Ours.
        var proof = $"CONNECT x:22 HTTP/1.0\r\nProxy-Authorization: Basic {Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes($"{SshForward.ProxyUser}:{forward.Secret}"))}\r\n\r\n";
        using var ours = await ConnectAsync(forward.Port);
        await ours.SendAsync(System.Text.Encoding.ASCII.GetBytes(proof), Token);
        var answer = new byte[256];
        var length = await ours.ReceiveAsync(answer, Token);
        Assert.StartsWith("HTTP/1.0 200", System.Text.Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);

        // Once it came nobody listens, and the connection lives on.
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(forward.Port));
        Assert.Equal("", await FirstLineAsync(forward.InnerPort, ""));
        await ours.SendAsync("SSH-2.0-test\r\n"u8.ToArray(), Token);
        Assert.True(await ours.ReceiveAsync(answer, Token) > 0);
    }

    [LabFact]
    public async Task A_host_that_the_jump_cannot_reach_is_told_as_such()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new(new SshOptions { ConnectTimeout = TimeSpan.FromSeconds(3) });
        var inner = Inner(lab.Target(relay)) with { Port = 2 };
        var fault = await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(inner, Token));
        Assert.Equal(SshFailure.Unreachable, fault.Failure);
        Assert.Contains($"from root@127.0.0.1:{relay.Port}", fault.Message, StringComparison.Ordinal);
        // The hop itself is as it was.
        Assert.Equal(1, relay.Accepted);
    }

    [LabFact]
    public async Task When_the_jump_is_lost_the_next_use_makes_both_anew()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        var inner = Inner(lab.Target(relay));
        var running = (await connections.GetAsync(inner, Token)).RunAsync("sleep 60", null, Token);
        await Task.Delay(200, Token);
        relay.Cut();
        Assert.Equal(SshFailure.ConnectionLost, (await Assert.ThrowsAsync<SshException>(() => running)).Failure);
        Assert.Equal("aws-2\n", (await (await connections.GetAsync(inner, Token)).RunAsync("hostname", null, Token)).Text);
        Assert.Equal(2, relay.Accepted);
    }

    private static async Task<string> FirstLineAsync(int port, string sent)
    {
        using var socket = await ConnectAsync(port);
        try
        {
            if (sent.Length > 0)
            {
                await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(sent), Token);
            }

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
            limit.CancelAfter(TimeSpan.FromSeconds(10));
            var buffer = new byte[256];
            return System.Text.Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token));
        }
        catch (SocketException)
        {
            return "";
        }
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, Token);
        return socket;
    }

    private SshTarget Inner(SshTarget jump) => jump with { Address = lab.Inner.Address, Port = 22, Jumps = [jump] };
}
