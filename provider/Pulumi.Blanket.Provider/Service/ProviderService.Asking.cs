using Grpc.Core;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Functions;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Views;

namespace Pulumi.Blanket.Provider.Service;

internal sealed partial class ProviderService
{
    public async Task<InvokeResponse> InvokeAsync(InvokeRequest request, Operation operation)
    {
        var function = package.Function(request.Tok);
        operation.LimitTo(function.Timeout);
        FunctionContext context = new(operation.Id, _configuration, new OperationLog(engine, urn: "", operation.Id), request.Preview);
        var (result, faults) = await function.RunAsync(context, PropertyCodec.DecodeObject(request.Args), operation.Token);
        InvokeResponse response = new() { Return = result is null ? null : PropertyCodec.EncodeObject(result) };
        AddFaults(response.Failures, faults);
        return response;
    }

    public async Task ListAsync(ListRequest request, IServerStreamWriter<ListResponse> responses, Operation operation)
    {
        var resource = package.Resource(request.Token);
        var timeout = resource.DefaultTimeout(OperationKind.Read);
        operation.LimitTo(timeout);
        OperationContext context = new()
        {
            Urn = "",
            Name = "",
            OperationId = operation.Id,
            Timeout = timeout,
            Configuration = _configuration,
            Log = new OperationLog(engine, urn: "", operation.Id),
            NamedIds = _namedIds.Of(""),
            LivingIds = _namedIds.LivingOf(""),
            Views = ViewPublisher.None,
            Inputs = PropertyCodec.DecodeObject(request.Query),
        };
        var all = resource.List(context, operation.Token) ?? throw Unimplemented($"resources of the type {resource.TypeName} can't be listed");
        var left = request.Limit > 0 ? request.Limit : long.MaxValue;
        await foreach (var listed in all.WithCancellation(operation.Token))
        {
            if (left-- == 0)
            {
                break;
            }

            await responses.WriteAsync(new ListResponse { Result = new ListResponse.Types.Result { Id = listed.Id, Name = listed.Name } }, operation.Token);
        }
    }
}
