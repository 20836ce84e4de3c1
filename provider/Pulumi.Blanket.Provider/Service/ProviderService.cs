using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Engine;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Service;

/// <summary>
/// Pulumi's service for providers. It only translates: messages into what resources and functions know, and their answers into messages.
/// </summary>
internal sealed partial class ProviderService(Package package, EngineLog engine, RunningOperations operations, PluginLog log)
{
    private readonly NamedIds _namedIds = new();
    private volatile ProviderConfiguration _configuration = ProviderConfiguration.Empty;
    private volatile EngineCapabilities _capabilities = new();

    public CallPipeline Pipeline { get; } = new(operations, engine, log);

    public Task<ProviderHandshakeResponse> Handshake(ProviderHandshakeRequest request)
    {
        engine.Connect(request.EngineAddress);
        _capabilities = new EngineCapabilities
        {
            SupportsViews = request.SupportsViews,
            SupportsRefreshBeforeUpdate = request.SupportsRefreshBeforeUpdate,
            InvokesWithPreview = request.InvokeWithPreview,
        };
        return Task.FromResult(new ProviderHandshakeResponse
        {
            AcceptSecrets = true,
            AcceptResources = true,
            AcceptOutputs = true,
            SupportsAutonamingConfiguration = true,
        });
    }

    public Task<Empty> Attach(PluginAttach request)
    {
        engine.Connect(request.Address);
        return Task.FromResult(new Empty());
    }

    public Task<Empty> Cancel()
    {
        operations.Cancel();
        return Task.FromResult(new Empty());
    }

    public static Task<PluginInfo> GetPluginInfo() => Task.FromResult(new PluginInfo { Version = PluginVersion.Current });

    public Task<GetSchemaResponse> GetSchema(GetSchemaRequest request)
        => request.Version == 0 && request.SubpackageName.Length == 0
            ? Task.FromResult(new GetSchemaResponse { Schema = package.Schema })
            : throw new ProviderException(FailureReason.BadInput, request.Version != 0
                ? $"there is no schema of the format {request.Version}, only of the format 0; is the plugin older than the engine?"
                : $"blanket has no subpackage '{request.SubpackageName}'");

    // There is nothing that programs of other tools could be converted from.
    public static Task<GetMappingResponse> GetMapping() => Task.FromResult(new GetMappingResponse());

    public static Task<GetMappingsResponse> GetMappings() => Task.FromResult(new GetMappingsResponse());

    public static Task<ParameterizeResponse> Parameterize() => throw Unimplemented("blanket takes no parameters; use it as it is");

    public static Task<CallResponse> Call(CallRequest request) => throw Unimplemented($"blanket has no method '{request.Tok}'");

    public static Task<ConstructResponse> Construct(ConstructRequest request) => throw Unimplemented($"blanket has no component '{request.Type}'");

    private static RpcException Unimplemented(string message) => new(new Status(StatusCode.Unimplemented, message));
}
