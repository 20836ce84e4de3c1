using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Protocol.Contract;

namespace Pulumi.Blanket.Engine.Monitoring;

/// <summary>Takes what providers have to say to the user.</summary>
internal sealed class LogService(IDeploymentObserver observer) : Protocol.Contract.Engine.EngineBase
{
    private string _root = "";

    public override Task<Empty> Log(LogRequest request, ServerCallContext context)
    {
        var severity = request.Severity switch
        {
            LogSeverity.Debug => MessageSeverity.Debug,
            LogSeverity.Warning => MessageSeverity.Warning,
            LogSeverity.Error => MessageSeverity.Error,
            _ => MessageSeverity.Info,
        };
        observer.MessageCame(new DeploymentMessage(severity, request.Message, request.Urn, request.Ephemeral));
        return Task.FromResult(new Empty());
    }

    public override Task<GetRootResourceResponse> GetRootResource(GetRootResourceRequest request, ServerCallContext context) => Task.FromResult(new GetRootResourceResponse { Urn = _root });

    public override Task<SetRootResourceResponse> SetRootResource(SetRootResourceRequest request, ServerCallContext context)
    {
        _root = request.Urn;
        return Task.FromResult(new SetRootResourceResponse());
    }

    // This engine does what Pulumi's of that version does, as far as a provider can tell.
    public override Task<RequirePulumiVersionResponse> RequirePulumiVersion(RequirePulumiVersionRequest request, ServerCallContext context) => Task.FromResult(new RequirePulumiVersionResponse());
}
