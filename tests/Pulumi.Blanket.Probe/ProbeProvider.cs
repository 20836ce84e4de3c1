using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Diffs;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Probe;

/// <summary>The provider: <c>Thing</c> does what its inputs say, <c>Group</c> is a component of things, <c>echo</c> a function.</summary>
internal sealed partial class ProbeProvider(World world) : ResourceProvider.ResourceProviderBase
{
    private static readonly string SchemaText = ReadSchema();

    public override Task<ProviderHandshakeResponse> Handshake(ProviderHandshakeRequest request, ServerCallContext context) => Task.FromResult(new ProviderHandshakeResponse
    {
        AcceptSecrets = true,
        AcceptResources = true,
        AcceptOutputs = true,
    });

    public override Task<GetSchemaResponse> GetSchema(GetSchemaRequest request, ServerCallContext context) => Task.FromResult(new GetSchemaResponse { Schema = SchemaText });

    public override Task<PluginInfo> GetPluginInfo(Empty request, ServerCallContext context) => Task.FromResult(new PluginInfo { Version = "1.0.0" });

    public override Task<CheckResponse> CheckConfig(CheckRequest request, ServerCallContext context) => Task.FromResult(new CheckResponse { Inputs = request.News });

    public override Task<DiffResponse> DiffConfig(DiffRequest request, ServerCallContext context)
    {
        var changed = PropertyComparer.Compare(PropertyCodec.DecodeObject(request.OldInputs), PropertyCodec.DecodeObject(request.News)).Any(change => change.Path.TopLevel == "region");
        return Task.FromResult(new DiffResponse
        {
            Changes = changed ? DiffResponse.Types.DiffChanges.DiffSome : DiffResponse.Types.DiffChanges.DiffNone,
            Replaces = { changed ? ["region"] : [] },
        });
    }

    public override Task<ConfigureResponse> Configure(ConfigureRequest request, ServerCallContext context) => Task.FromResult(new ConfigureResponse
    {
        AcceptSecrets = true,
        SupportsPreview = true,
        AcceptResources = true,
        AcceptOutputs = true,
    });

    public override Task<InvokeResponse> Invoke(InvokeRequest request, ServerCallContext context)
    {
        var text = request.Args.Fields.TryGetValue("text", out var value) ? value.StringValue : "";
        if (text == "fail")
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, "echo refused"));
        }

        return Task.FromResult(new InvokeResponse
        {
            Return = new Struct { Fields = { ["echo"] = Value.ForString(text), ["length"] = Value.ForNumber(text.Length) } },
        });
    }

    public override Task<Empty> Cancel(Empty request, ServerCallContext context)
    {
        _cancelled.TrySetResult();
        return Task.FromResult(new Empty());
    }

    private static string ReadSchema()
    {
        using StreamReader reader = new(typeof(ProbeProvider).Assembly.GetManifestResourceStream("schema.json")!);
        return reader.ReadToEnd();
    }
}
