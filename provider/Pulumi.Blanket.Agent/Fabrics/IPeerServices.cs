using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>What <see cref="PeerServer"/> serves: some of it hangs on the fabric itself, so that it is put together beside both.</summary>
internal interface IPeerServices
{
    /// <summary>Refuses what is meant for a third member.</summary>
    Relay Relay { get; }

    void AddTo(IServiceCollection services);

    void Map(IEndpointRouteBuilder endpoints);
}
