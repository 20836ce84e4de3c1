using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>A web server in a lab that gives out the files of a folder, knows ranges, and can be told to break off.</summary>
internal sealed class ImageServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly string _folder;
    private readonly string _address;

    private ImageServer(WebApplication application, string folder, string address) => (_application, _folder, _address) = (application, folder, address);

    /// <summary>Bytes after which a download breaks off, once; null: never.</summary>
    public long? BreakAfter { get; set; }

    /// <summary>From which byte on each download was asked for.</summary>
    public List<long> Asked { get; } = [];

    public static async Task<ImageServer> StartAsync(Socket socket, IPAddress address, string folder)
    {
        socket.Bind(new IPEndPoint(address, 0));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore()
            .UseSockets(sockets => sockets.CreateBoundListenSocket = _ => socket)
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        ImageServer server = new(application, folder, socket.LocalEndPoint!.ToString()!);
        application.Run(server.AnswerAsync);
        await application.StartAsync();
        return server;
    }

    public string UrlOf(string file) => $"http://{_address}/{file}";

    public string PathOf(string file) => Path.Combine(_folder, file);

    public string HashOf(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(PathOf(file))));

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var content = await File.ReadAllBytesAsync(PathOf(context.Request.Path.Value![1..]));
        var from = context.Request.GetTypedHeaders().Range?.Ranges.Single().From ?? 0;
        lock (Asked)
        {
            Asked.Add(from);
        }

        if (from > 0)
        {
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
        }

        context.Response.ContentLength = content.Length - from;
        var end = BreakAfter is { } limit ? (int)limit : content.Length;
        BreakAfter = null;
        await context.Response.Body.WriteAsync(content.AsMemory((int)from, end - (int)from));
        if (end < content.Length)
        {
            await context.Response.Body.FlushAsync();
            context.Abort();
        }
    }
}
