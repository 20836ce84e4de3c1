using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Pulumi.Blanket.Probe;

// A provider for tests of the engine: what its resources do is said by their own inputs, and its world is a folder, or nothing at all.
var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endPoint => endPoint.Protocols = HttpProtocols.Http2));
builder.Services.AddRoutingCore();
builder.Services.AddGrpc();
builder.Services.AddSingleton(new ProbeProvider(World.FromEnvironment()));
await using var application = builder.Build();
application.MapGrpcService<ProbeProvider>();
await application.StartAsync();
var address = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
Console.WriteLine(address.Port);

// As plugins do: without an engine there is nothing to live for.
await Engines.WaitForEndAsync(args.Length > 0 ? args[0] : null);
