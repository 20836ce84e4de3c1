using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Tests.Recordings;

/// <summary>
/// A provider that answers as the recorded one did, where it is asked what that one was asked. Each recorded call is answered once; what was never
/// recorded, and what was not asked, is kept for the test to tell.
/// </summary>
internal sealed class ReplayingProvider(RecordedStep step) : ResourceProvider.ResourceProviderBase
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default);
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private readonly List<RecordedCall> _open = [.. step.Calls.Where(call => call.IsToProvider && !call.IsOfEveryPlugin)];
    private readonly Lock _lock = new();

    /// <summary>What the engine asked that it did not ask in the recording.</summary>
    public ConcurrentQueue<string> Surprises { get; } = new();

    public IReadOnlyList<RecordedCall> NotAsked
    {
        get
        {
            lock (_lock)
            {
                return [.. _open];
            }
        }
    }

    public override Task<ProviderHandshakeResponse> Handshake(ProviderHandshakeRequest request, ServerCallContext context) => Task.FromResult(new ProviderHandshakeResponse
    {
        AcceptSecrets = true,
        AcceptResources = true,
        AcceptOutputs = true,
        SupportsAutonamingConfiguration = true,
    });

    public override Task<GetSchemaResponse> GetSchema(GetSchemaRequest request, ServerCallContext context)
        => Task.FromResult(Parser.Parse<GetSchemaResponse>(step.Calls.First(call => call.Method == "GetSchema").Response!.ToJsonString()));

    public override Task<Empty> Cancel(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

    public override Task<CheckResponse> CheckConfig(CheckRequest request, ServerCallContext context) => AnswerAsync<CheckResponse>("CheckConfig", request);

    public override Task<DiffResponse> DiffConfig(DiffRequest request, ServerCallContext context) => AnswerAsync<DiffResponse>("DiffConfig", request);

    public override Task<ConfigureResponse> Configure(ConfigureRequest request, ServerCallContext context) => AnswerAsync<ConfigureResponse>("Configure", request);

    public override Task<CheckResponse> Check(CheckRequest request, ServerCallContext context) => AnswerAsync<CheckResponse>("Check", request);

    public override Task<DiffResponse> Diff(DiffRequest request, ServerCallContext context) => AnswerAsync<DiffResponse>("Diff", request);

    public override Task<InvokeResponse> Invoke(InvokeRequest request, ServerCallContext context) => AnswerAsync<InvokeResponse>("Invoke", request);

    public override Task<ReadResponse> Read(ReadRequest request, ServerCallContext context) => AnswerAsync<ReadResponse>("Read", request);

    public override async Task<CreateResponse> Create(CreateRequest request, ServerCallContext context)
    {
        await PublishViewsAsync(request.ResourceStatusAddress, request.ResourceStatusToken, [], CountViews(request.Properties));
        return await AnswerAsync<CreateResponse>("Create", request);
    }

    public override async Task<UpdateResponse> Update(UpdateRequest request, ServerCallContext context)
    {
        await PublishViewsAsync(request.ResourceStatusAddress, request.ResourceStatusToken, request.OldViews, CountViews(request.News));
        return await AnswerAsync<UpdateResponse>("Update", request);
    }

    public override async Task<Empty> Delete(DeleteRequest request, ServerCallContext context)
    {
        await PublishViewsAsync(request.ResourceStatusAddress, request.ResourceStatusToken, request.OldViews, 0);
        return await AnswerAsync<Empty>("Delete", request);
    }

    public override async Task<ConstructResponse> Construct(ConstructRequest request, ServerCallContext context)
    {
        // As the recorded component did, in the order in which it was answered.
        using var channel = GrpcChannel.ForAddress($"http://{request.MonitorEndpoint}");
        ResourceMonitor.ResourceMonitorClient monitor = new(channel);
        foreach (var call in step.Calls.Where(call => !call.IsToProvider && IsOfComponent(call, request)))
        {
            if (call.Method == "RegisterResourceOutputs")
            {
                await monitor.RegisterResourceOutputsAsync(Parser.Parse<RegisterResourceOutputsRequest>(call.Request.ToJsonString()));
                continue;
            }

            var response = await monitor.RegisterResourceAsync(Parser.Parse<RegisterResourceRequest>(call.Request.ToJsonString()));
            var (was, @is) = (Placeholders.Normalize(call.Response), Placeholders.Normalize(JsonNode.Parse(Formatter.Format(response))));
            if (was != @is)
            {
                Surprises.Enqueue($"the monitor answered {@is}, and Pulumi's {was}");
            }
        }

        return await AnswerAsync<ConstructResponse>("Construct", request);
    }

    private static bool IsOfComponent(RecordedCall call, ConstructRequest request) => call.Method switch
    {
        // The program's own registration of the component, which became this call, is the remote one.
        "RegisterResource" => (bool?)call.Request["remote"] != true
            && ((string?)call.Request["name"] == request.Name || ((string?)call.Request["parent"] ?? "").EndsWith("::" + request.Name, StringComparison.Ordinal)),
        "RegisterResourceOutputs" => ((string)call.Request["urn"]!).EndsWith("::" + request.Name, StringComparison.Ordinal),
        _ => false,
    };

    private Task<T> AnswerAsync<T>(string method, IMessage request)
        where T : IMessage<T>, new()
    {
        var asked = Placeholders.Normalize(JsonNode.Parse(Formatter.Format(request)));
        RecordedCall? match;
        lock (_lock)
        {
            match = _open.Find(call => call.Method == method && Placeholders.Normalize(call.Request) == asked);
            if (match is not null)
            {
                _open.Remove(match);
            }
        }

        if (match is null)
        {
            Surprises.Enqueue($"{method} {asked}");
            throw new RpcException(new Status(StatusCode.FailedPrecondition, $"{method} was not asked so in the recording: {asked}"));
        }

        return match.Response is null ? throw Failure(match, (dynamic)request) : Task.FromResult(Parser.Parse<T>(match.Response.ToJsonString()));
    }

    // The recordings have a failure's text; what came with it in the detail stands in what was stored.
    private RpcException Failure(RecordedCall call, IMessage request)
    {
        var code = System.Enum.Parse<StatusCode>(call.Error!.Split("code = ")[1].Split(' ')[0]);
        var text = call.Error.Split("desc = ")[1];
        if (request is not CreateRequest create
            || step.State?["resources"]?.AsArray().FirstOrDefault(resource => (string?)resource!["urn"] == create.Urn) is not { } stored)
        {
            return new RpcException(new Status(code, text));
        }

        ErrorResourceInitFailed detail = new()
        {
            Id = (string)stored["id"]!,
            Properties = Parser.Parse<Struct>(stored["outputs"]!.ToJsonString()),
            Reasons = { stored["initErrors"]!.AsArray().Select(reason => (string)reason!) },
        };
        return new Google.Rpc.Status { Code = (int)code, Message = text, Details = { Any.Pack(detail) } }.ToRpcException();
    }

    private static int CountViews(Struct? properties) => properties?.Fields.TryGetValue("views", out var views) == true ? (int)views.NumberValue : 0;

    // The recorded provider has as many views as its property says, each with its number.
    private static async Task PublishViewsAsync(string address, string token, IEnumerable<View> olds, int count)
    {
        List<ViewStep> steps = [];
        var there = olds.ToList();
        for (var index = 0; index < Math.Max(count, there.Count); index++)
        {
            ViewStepState state = new()
            {
                Type = "rec:index:View",
                Name = $"view-{index}",
                Inputs = new Struct { Fields = { ["i"] = Value.ForNumber(index) } },
                Outputs = new Struct { Fields = { ["i"] = Value.ForNumber(index) } },
            };
            steps.Add(new ViewStep
            {
                Op = index >= there.Count ? ViewStep.Types.Op.Create : index >= count ? ViewStep.Types.Op.Delete : ViewStep.Types.Op.Same,
                Type = state.Type,
                Name = state.Name,
                Old = index < there.Count ? state : null,
                New = index < count ? state : null,
            });
        }

        if (steps.Count > 0)
        {
            using var channel = GrpcChannel.ForAddress($"http://{address}");
            await new ResourceStatus.ResourceStatusClient(channel).PublishViewStepsAsync(new PublishViewStepsRequest { Token = token, Steps = { steps } });
        }
    }
}
