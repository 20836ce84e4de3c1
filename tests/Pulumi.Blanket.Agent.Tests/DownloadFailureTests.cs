using System.Net;
using System.Net.Sockets;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>An image server that gives nothing is told as that, with its name and what to do, and with nothing that lets somebody in.</summary>
public sealed class DownloadFailureTests
{
    private const string Secrets = "user:pa%24s@";
    private const string Query = "?X-Amz-Signature=deadbeef";

    [Theory]
    [InlineData("https://user:pass@host.example/a/b.qcow2?X-Amz-Signature=1#f", "https://host.example/a/b.qcow2")]
    [InlineData("https://host.example/a@b/c.qcow2", "https://host.example/a@b/c.qcow2")]
    [InlineData("http://us@er:pass@host.example:8080/x", "http://host.example:8080/x")]
    [InlineData("https://user@host.example?token=1", "https://host.example")]
    [InlineData("https://host.example", "https://host.example")]
    [InlineData("https://", "https://")]
    [InlineData("ftp://user:pass@host/x?y", "ftp://host/x")]
    [InlineData("build/a?b@c.qcow2", "build/a?b@c.qcow2")]
    public void WhatLetsSomebodyInIsNotKept(string source, string kept)
    {
        Assert.Equal(kept, ImageUrl.WithoutSecrets(source));
        Assert.Equal(source != kept, ImageUrl.HasSecrets(source));
        Assert.False(ImageUrl.HasSecrets(kept));
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, "has nothing there (404)")]
    [InlineData(HttpStatusCode.Forbidden, "signed URL")]
    [InlineData(HttpStatusCode.Unauthorized, "a user and a password")]
    [InlineData(HttpStatusCode.BadGateway, "a fault of its own (502)")]
    [InlineData(HttpStatusCode.ServiceUnavailable, "too busy")]
    [InlineData(HttpStatusCode.BadRequest, "answers 400")]
    public void AnAnswerIsTold(HttpStatusCode status, string told)
        => Assert.Contains(told, DownloadFailure.Tell(new HttpRequestException("x", null, status), new Uri($"https://{Secrets}images.example/x{Query}")), StringComparison.Ordinal);

    [Fact]
    public async Task AServerThatIsNotThereIsTold()
    {
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        Assert.Contains($"127.0.0.1, port {port}, can't be reached", await FailAsync($"http://{Secrets}127.0.0.1:{port}/x{Query}"), StringComparison.Ordinal);
        Assert.Contains("the name of the server nowhere.invalid is not known", await FailAsync($"https://{Secrets}nowhere.invalid/x{Query}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerWithoutTlsIsTold()
    {
        using TcpListener plain = new(IPAddress.Loopback, 0);
        plain.Start();
        var answering = AnswerAsync(plain);
        var told = await FailAsync($"https://{Secrets}127.0.0.1:{((IPEndPoint)plain.LocalEndpoint).Port}/x{Query}");
        await answering;
        Assert.Contains("no secure connection to 127.0.0.1", told, StringComparison.Ordinal);
    }

    [Fact]
    public void OneThatKeepsSilentIsTold()
    {
        Uri source = new($"https://{Secrets}images.example/x{Query}");
        Assert.Contains("did not answer in time", DownloadFailure.Tell(new TimeoutException(), source), StringComparison.Ordinal);
        Assert.Contains("did not answer in time", DownloadFailure.Tell(new TaskCanceledException("", new TimeoutException()), source), StringComparison.Ordinal);
        Assert.Null(DownloadFailure.Tell(new AgentException(AgentFault.NoRoom, "full"), source));
    }

    private static async Task AnswerAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
    }

    private static async Task<string> FailAsync(string url)
    {
        using HttpClient client = new();
        Uri source = new(url);
        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(source, TestContext.Current.CancellationToken));
        var told = DownloadFailure.Tell(fault, source)!;
        foreach (var secret in new[] { "user", "pa$s", "pa%24s", "deadbeef", "Signature" })
        {
            Assert.DoesNotContain(secret, told, StringComparison.Ordinal);
        }

        return told;
    }
}
