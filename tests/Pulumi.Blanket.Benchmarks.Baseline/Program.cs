using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pulumi.Blanket.Benchmarks.Baseline;

// No configuration, no loggers, one service with one method: port on standard output, as the plugin does. With the argument `echo`,
// a service that answers the plugin's calls without looking at them.
var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endPoint => endPoint.Protocols = HttpProtocols.Http2));
builder.Services.AddRoutingCore();
builder.Services.AddGrpc();
await using var application = builder.Build();
if (args is ["echo"])
{
    application.MapGrpcService<EchoService>();
}
else
{
    application.MapGrpcService<OneMethodService>();
}

await application.StartAsync();
Console.WriteLine(new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port);
await application.WaitForShutdownAsync();
