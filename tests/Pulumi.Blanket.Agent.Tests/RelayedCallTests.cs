using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Serving;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>Calls that are passed on to a member whose agent is not there, or not yet, or not any more.</summary>
public sealed class RelayedCallTests
{
    [Fact]
    public async Task AMemberThatIsJustStartingAgainIsWaitedFor()
    {
        var port = FreePort();
        using HttpMessageInvoker http = new(new SocketsHttpHandler());
        var relayed = RelayedCall.SendAsync(http, $"http://127.0.0.1:{port}/service/Method", CallWith("all of the body"), TestContext.Current.CancellationToken);
        await Task.Delay(700, TestContext.Current.CancellationToken);
        await using var member = await StartMemberAsync(port);
        using var answer = await relayed;
        Assert.Equal("/service/Method: all of the body", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ACallThatMayHaveArrivedIsNotMadeAgain()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var visits = 0;
        var serving = Task.Run(async () =>
        {
            while (true)
            {
                using var visitor = await listener.AcceptAsync(TestContext.Current.CancellationToken);
                visits++;

                // HTTP/2's settings, and its answer to those of the caller: the call comes, and nothing more is heard of it.
                await visitor.SendAsync(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0 });
                var heard = new byte[4096];
                var text = "";
                while (!text.Contains("all of the body", StringComparison.Ordinal) && await visitor.ReceiveAsync(heard, TestContext.Current.CancellationToken) is > 0 and var count)
                {
                    text += Encoding.Latin1.GetString(heard, 0, count);
                }
            }
        }, TestContext.Current.CancellationToken);
        using HttpMessageInvoker http = new(new SocketsHttpHandler());
        await Assert.ThrowsAsync<HttpRequestException>(
            () => RelayedCall.SendAsync(http, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}/service/Method", CallWith("all of the body"), TestContext.Current.CancellationToken));
        Assert.Equal(1, visits);
        listener.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => serving);
    }

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static HttpRequest CallWith(string body)
    {
        var call = new DefaultHttpContext().Request;
        call.Path = "/SERVICE/Method/"; // as it came, which is not passed on
        call.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        return call;
    }

    private static async Task<WebApplication> StartMemberAsync(int port)
    {
        var builder = AgentServer.CreateBuilder();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, port, static listen => listen.Protocols = HttpProtocols.Http2));
        var member = builder.Build();
        member.Run(static async context =>
        {
            using StreamReader body = new(context.Request.Body);
            await context.Response.WriteAsync($"{context.Request.Path}: {await body.ReadToEndAsync(context.RequestAborted)}");
        });
        await member.StartAsync();
        return member;
    }
}
