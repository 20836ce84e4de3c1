using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Pulumi.Blanket.Agent.Serving;

/// <summary>
/// A web server with nothing that was not asked for. The usual builders read settings files of the working folder and watch it for
/// changes; a service's working folder is /, and watching that walks through every folder of the host.
/// </summary>
internal static class AgentServer
{
    public static WebApplicationBuilder CreateBuilder()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Services.Configure<ConsoleLifetimeOptions>(static options => options.SuppressStatusMessages = true);
        return builder;
    }
}
