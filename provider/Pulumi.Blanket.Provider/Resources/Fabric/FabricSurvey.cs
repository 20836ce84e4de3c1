using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Resources.Host;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

/// <summary>What hosts say about a fabric when they are all asked at once.</summary>
internal sealed record FabricSurvey(IReadOnlyList<FabricVoice> Voices)
{
    /// <summary>The newest facts that anybody has; null where nobody is in a fabric.</summary>
    public FabricFacts? Newest => Voices.Select(voice => voice.View?.Facts).OfType<FabricFacts>().MaxBy(facts => (facts.Term, facts.Version));

    public IEnumerable<FabricVoice> Answered => Voices.Where(voice => voice.View is not null);

    public FabricVoice? Of(string machineId) => Voices.FirstOrDefault(voice => voice.Host.MachineId == machineId);

    /// <summary>Asks; who does not answer within 10 s is noted as silent.</summary>
    public static async Task<FabricSurvey> AskAsync(AgentAccess access, IEnumerable<HostConnection> hosts, OperationContext context, CancellationToken cancellationToken)
    {
        var asked = hosts.DistinctBy(host => host.MachineId).Select(host => AskAsync(access, host, context, cancellationToken));
        return new FabricSurvey(await Task.WhenAll(asked));
    }

    private static async Task<FabricVoice> AskAsync(AgentAccess access, HostConnection host, OperationContext context, CancellationToken cancellationToken)
    {
        var agent = access.For(HostTargets.Of(host, context.Configuration), host.Name, context.OperationId);
        try
        {
            var view = await agent.GetFabricAsync(cancellationToken);
            return view.MachineId == host.MachineId
                ? new FabricVoice(host, agent, view, null)
                : new FabricVoice(host, agent, null, new ProviderException(FailureReason.Precondition,
                    $"host {host.Name}: behind {host.Address} there is another machine now ({view.MachineId}, not {host.MachineId}); put the host's address right, or set its `machine`"));
        }
        catch (ProviderException fault)
        {
            return new FabricVoice(host, agent, null, fault);
        }
    }
}
