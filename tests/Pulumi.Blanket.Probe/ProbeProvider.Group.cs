using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Probe;

/// <summary>The component <c>Group</c>, and the views of a <c>Thing</c>.</summary>
internal sealed partial class ProbeProvider
{
    public override async Task<ConstructResponse> Construct(ConstructRequest request, ServerCallContext context)
    {
        using var channel = GrpcChannel.ForAddress($"http://{request.MonitorEndpoint}");
        ResourceMonitor.ResourceMonitorClient monitor = new(channel);
        var group = await monitor.RegisterResourceAsync(new RegisterResourceRequest
        {
            Type = request.Type,
            Name = request.Name,
            Parent = request.Parent,
            Object = request.Inputs,
            AcceptSecrets = true,
            AcceptResources = true,
            SupportsPartialValues = true,
        });
        List<Value> arns = [];
        for (var index = 0; index < (int)request.Inputs.Fields["count"].NumberValue; index++)
        {
            Struct inputs = new() { Fields = { ["size"] = Value.ForNumber(index + 1) } };
            if (request.Inputs.Fields.TryGetValue("value", out var value))
            {
                inputs.Fields["value"] = value;
            }

            if (request.Inputs.Fields.TryGetValue("fail", out var fail))
            {
                inputs.Fields["fail"] = fail;
            }

            var thing = await monitor.RegisterResourceAsync(new RegisterResourceRequest
            {
                Type = "probe:index:Thing",
                Name = $"{request.Name}-{index}",
                Parent = group.Urn,
                Custom = true,
                Object = inputs,
                AcceptSecrets = true,
                AcceptResources = true,
                SupportsPartialValues = true,
                Providers = { request.Providers },
            });
            arns.Add(thing.Object.Fields.TryGetValue("arn", out var arn) ? arn : PropertyCodec.Encode(UnknownValue.Text));
        }

        Struct outputs = new() { Fields = { ["arns"] = Value.ForList([.. arns]) } };
        await monitor.RegisterResourceOutputsAsync(new RegisterResourceOutputsRequest { Urn = group.Urn, Outputs = outputs });
        return new ConstructResponse { Urn = group.Urn, State = outputs };
    }

    private static async Task PublishViewsAsync(string address, string token, Google.Protobuf.Collections.RepeatedField<View> olds, Struct properties)
    {
        var count = properties.Fields.TryGetValue("views", out var views) ? (int)views.NumberValue : 0;
        PublishViewStepsRequest request = new() { Token = token };
        for (var index = 0; index < Math.Max(count, olds.Count); index++)
        {
            ViewStepState state = new() { Type = "probe:index:View", Name = $"view-{index}", Inputs = new Struct(), Outputs = new Struct { Fields = { ["i"] = Value.ForNumber(index) } } };
            var isOld = index < olds.Count;
            var isNew = index < count;
            request.Steps.Add(new ViewStep
            {
                Op = (isOld, isNew) switch { (true, true) => ViewStep.Types.Op.Same, (true, false) => ViewStep.Types.Op.Delete, _ => ViewStep.Types.Op.Create },
                Type = state.Type,
                Name = state.Name,
                Old = isOld ? state : null,
                New = isNew ? state : null,
            });
        }

        if (request.Steps.Count > 0)
        {
            using var channel = GrpcChannel.ForAddress($"http://{address}");
            await new ResourceStatus.ResourceStatusClient(channel).PublishViewStepsAsync(request);
        }
    }
}
