using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Diffs;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Probe;

/// <summary>The life of a <c>Thing</c>.</summary>
internal sealed partial class ProbeProvider
{
    private readonly TaskCompletionSource _cancelled = new();

    public override Task<CheckResponse> Check(CheckRequest request, ServerCallContext context)
    {
        CheckResponse response = new() { Inputs = request.News };
        if (!request.News.Fields.TryGetValue("size", out var size))
        {
            response.Inputs.Fields["size"] = Value.ForNumber(1);
        }
        else if (size.NumberValue < 0)
        {
            response.Failures.Add(new CheckFailure { Property = "size", Reason = "size must be positive" });
        }

        return Task.FromResult(response);
    }

    public override Task<DiffResponse> Diff(DiffRequest request, ServerCallContext context)
    {
        world.Begin("diff", request.Urn);
        world.Name(request.Id);
        var changes = PropertyComparer.Compare(PropertyCodec.DecodeObject(request.OldInputs), PropertyCodec.DecodeObject(request.News));
        DiffResponse response = new()
        {
            Changes = changes.Count == 0 ? DiffResponse.Types.DiffChanges.DiffNone : DiffResponse.Types.DiffChanges.DiffSome,
            HasDetailedDiff = true,
            DeleteBeforeReplace = Truth(request.News, "deleteFirst"),
        };
        response.Diffs.AddRange(changes.Select(change => change.Path.TopLevel!).Distinct());
        response.Replaces.AddRange(response.Diffs.Where(name => name is "zone" or "follows"));
        foreach (var change in changes)
        {
            var kind = change.Kind switch { PropertyChangeKind.Add => PropertyDiff.Types.Kind.Add, PropertyChangeKind.Delete => PropertyDiff.Types.Kind.Delete, _ => PropertyDiff.Types.Kind.Update };
            response.DetailedDiff[change.Path.ToString()] = new PropertyDiff { Kind = response.Replaces.Contains(change.Path.TopLevel!) ? kind + 1 : kind, InputDiff = true };
        }

        return Task.FromResult(response);
    }

    public override async Task<CreateResponse> Create(CreateRequest request, ServerCallContext context)
    {
        await PublishViewsAsync(request.ResourceStatusAddress, request.ResourceStatusToken, new(), request.Properties);
        if (request.Preview)
        {
            return new CreateResponse { Properties = Outputs(request.Properties, UnknownValue.Text) };
        }

        world.Begin("create", request.Urn);
        await DelayAsync(request.Properties);
        FailIf(request.Properties, "create");
        var id = world.Create(request.Urn, request.Properties);
        await DelayAsync(request.Properties);
        FailHalfIf(request.Properties, "init", id, request.Properties);
        return new CreateResponse { Id = id, Properties = Outputs(request.Properties, $"arn:{id}"), RefreshBeforeUpdate = Truth(request.Properties, "refreshes") };
    }

    public override async Task<UpdateResponse> Update(UpdateRequest request, ServerCallContext context)
    {
        world.Name(request.Id);
        await PublishViewsAsync(request.ResourceStatusAddress, request.ResourceStatusToken, request.OldViews, request.News);
        if (!request.Preview)
        {
            world.Begin("update", request.Urn);
            await DelayAsync(request.News);
            FailIf(request.News, "update");
            world.Put(request.Id, request.Urn, request.News);
            await DelayAsync(request.News);
        }

        return new UpdateResponse { Properties = Outputs(request.News, $"arn:{request.Id}"), RefreshBeforeUpdate = Truth(request.News, "refreshes") };
    }

    public override async Task<Empty> Delete(DeleteRequest request, ServerCallContext context)
    {
        await PublishViewsAsync(request.ResourceStatusAddress, request.ResourceStatusToken, request.OldViews, new Struct());
        world.Begin("delete", request.Urn);
        await DelayAsync(request.OldInputs);
        FailIf(request.OldInputs, "delete");
        world.Delete(request.Id);
        await DelayAsync(request.OldInputs);
        return new Empty();
    }

    public override async Task<ReadResponse> Read(ReadRequest request, ServerCallContext context)
    {
        world.Begin("read", request.Urn);
        FailIf(request.Inputs, "read");
        world.Name(request.Id);
        var inputs = world.Read(request.Id);
        await PublishViewsAsync(request.ResourceStatusAddress, request.ResourceStatusToken, request.OldViews, inputs ?? new Struct());
        return inputs is null
            ? new ReadResponse()
            : new ReadResponse { Id = request.Id, Inputs = inputs, Properties = Outputs(inputs, $"arn:{request.Id}"), RefreshBeforeUpdate = Truth(inputs, "refreshes") };
    }

    private static Struct Outputs(Struct inputs, PropertyValue arn)
    {
        var outputs = inputs.Clone();
        outputs.Fields["arn"] = PropertyCodec.Encode(arn);
        return outputs;
    }

    private static bool Truth(Struct properties, string name) => properties.Fields.TryGetValue(name, out var value) && value.BoolValue;

    private static string Text(Struct? properties, string name) => properties?.Fields.TryGetValue(name, out var value) == true ? value.StringValue : "";

    private static void FailIf(Struct? properties, string operation)
    {
        if (Text(properties, "fail") == operation)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, $"{operation} refused"));
        }
    }

    private static void FailHalfIf(Struct properties, string operation, string id, Struct inputs)
    {
        if (Text(properties, "fail") == operation)
        {
            ErrorResourceInitFailed detail = new() { Id = id, Properties = Outputs(inputs, $"arn:{id}"), Inputs = inputs, Reasons = { "not ready after 5 s" } };
            throw new Google.Rpc.Status { Code = (int)StatusCode.Unknown, Message = "initialisation failed", Details = { Any.Pack(detail) } }.ToRpcException();
        }
    }

    // Half before and half after what is done: whoever is killed may be on either side of it.
    private async Task DelayAsync(Struct? properties)
    {
        if (properties?.Fields.TryGetValue("delayMs", out var delay) == true)
        {
            await Task.WhenAny(Task.Delay(TimeSpan.FromMilliseconds(delay.NumberValue / 2)), _cancelled.Task);
            if (_cancelled.Task.IsCompleted)
            {
                throw new RpcException(new Status(StatusCode.Cancelled, "it was cancelled"));
            }
        }
    }
}
