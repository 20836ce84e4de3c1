using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Members;
using Pulumi.Blanket.Agent.Moving;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Volumes;

namespace Pulumi.Blanket.Agent.Commands;

/// <summary>The services that members reach over the mesh: those of members, and those of the account, whose calls are passed on. One instance each, whichever socket it is called by.</summary>
/// <param name="agent">The agent's own services; asked late, since some of them need the server of these.</param>
internal sealed class PeerServices(IServiceProvider agent) : IPeerServices
{
    public Relay Relay => agent.GetRequiredService<Relay>();

    public void AddTo(IServiceCollection services)
    {
        services.AddGrpc(static options => options.Interceptors.Add<CallInterceptor>());
        services.AddSingleton<CallInterceptor>();
        Add<PeerService>(services);
        Add<MovePeerService>(services);
        Add<FabricService>(services);
        Add<RegistryService>(services);
        Add<ImageService>(services);
        Add<VolumeService>(services);
        Add<MachineService>(services);
        Add<MoveService>(services);
    }

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcService<PeerService>();
        endpoints.MapGrpcService<MovePeerService>();
        ServeCommand.MapForAccount(endpoints);
    }

    private void Add<T>(IServiceCollection services)
        where T : class
        => services.AddSingleton(agent.GetRequiredService<T>());
}
