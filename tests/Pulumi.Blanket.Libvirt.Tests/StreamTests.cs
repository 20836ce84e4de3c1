using System.Text;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Tests.Support;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Tests;

/// <summary>Streams over a fake server: both ways, their ends, and a side that does not read.</summary>
public sealed class StreamTests
{
    private static readonly DomainReference Domain = new("web-1", Guid.NewGuid(), 7);

    private readonly FakeServer _server = new(bufferBytes: 1 << 16);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bytes_go_both_ways_until_one_side_ends()
    {
        await using var client = await ConnectAsync();
        var (console, opening) = await OpenAsync(client);
        await opening.Stream.WriteAsync(Packet(opening, "login: "), Token);
        Assert.Equal("login: ", Encoding.ASCII.GetString((await console.ReadAsync(Token)).Span));

        await console.WriteAsync("root\r"u8.ToArray(), Token);
        var packet = (await _server.NextAsync()).Message;
        Assert.Equal((MessageType.Stream, MessageStatus.Continue, opening.Message.Header.Serial), (packet.Header.Type, packet.Header.Status, packet.Header.Serial));
        Assert.Equal("root\r", Encoding.ASCII.GetString(packet.Payload.Span));

        var closing = console.DisposeAsync().AsTask();
        var last = (await _server.NextAsync()).Message;
        Assert.Equal((MessageStatus.Ok, 0), (last.Header.Status, last.Payload.Length));
        await opening.Stream.WriteAsync(Message.ToBytes(last.Header, []), Token);
        await closing;
    }

    [Theory]
    [InlineData(MessageStatus.Ok)]
    [InlineData(MessageStatus.Continue)]
    internal async Task The_end_of_the_other_side_is_an_end(MessageStatus status)
    {
        await using var client = await ConnectAsync();
        var (console, opening) = await OpenAsync(client);
        await using (console)
        {
            await opening.Stream.WriteAsync(Packet(opening, "bye"), Token);
            await opening.Stream.WriteAsync(Packet(opening, "", status), Token);
            Assert.Equal(3, (await console.ReadAsync(Token)).Length);
            Assert.True((await console.ReadAsync(Token)).IsEmpty);
        }
    }

    [Fact]
    public async Task A_lost_connection_and_a_refusal_are_told_apart_from_an_end()
    {
        await using var client = await ConnectAsync();
        var opening = client.OpenConsoleAsync(Domain, cancellationToken: Token);
        await (await _server.NextAsync()).RefuseAsync((int)LibvirtErrorCode.OperationFailed, 10, "Active console session exists for this domain");
        Assert.Equal(LibvirtErrorCode.OperationFailed, (await Assert.ThrowsAsync<LibvirtException>(() => opening)).Code);

        var (console, _) = await OpenAsync(client);
        await _server.KillAsync();
        Assert.Equal(LibvirtFault.ConnectionLost, (await Assert.ThrowsAsync<LibvirtException>(async () => await console.ReadAsync(Token))).Fault);
        await Assert.ThrowsAsync<LibvirtException>(() => console.WriteAsync(new byte[1], Token));
        await console.DisposeAsync();
    }

    [Fact]
    public async Task A_reader_that_waits_has_the_server_wait()
    {
        await using var client = await ConnectAsync();
        var (console, opening) = await OpenAsync(client);
        var packet = Packet(opening, new string('x', 10_000));
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            for (; sent < 100; sent++)
            {
                await opening.Stream.WriteAsync(packet, Token);
            }
        }, Token);
        await Task.Delay(300, Token);
        Assert.InRange(sent, 1, 50);
        for (var read = 0; read < 100 * 10_000;)
        {
            read += (await console.ReadAsync(Token)).Length;
        }

        await sending;
    }

    private async Task<LibvirtClient> ConnectAsync() => await LibvirtClient.ConnectAsync(new LibvirtClientOptions { Open = _server.OpenAsync }, Token);

    private async Task<(DomainConsole Console, FakeCall Opening)> OpenAsync(LibvirtClient client)
    {
        var opening = client.OpenConsoleAsync(Domain, cancellationToken: Token);
        var call = await _server.NextAsync();
        await call.ReplyAsync(_ => { });
        return (await opening, call);
    }

    private static byte[] Packet(FakeCall opening, string text, MessageStatus status = MessageStatus.Continue)
        => Message.ToBytes(opening.Message.Header with { Type = MessageType.Stream, Status = status }, Encoding.ASCII.GetBytes(text));
}
