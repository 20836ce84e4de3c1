using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Service;

/// <summary>
/// The methods of <c>pulumirpc.ResourceProvider</c>. Written out, where generated code would find them by itself, for the parser of requests, and for one place through which all
/// calls go.
/// </summary>
internal sealed class ServiceMethods : IServiceMethodProvider<ProviderService>
{
    private const string Service = "pulumirpc.ResourceProvider";

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<ProviderService> context)
    {
        Add(context, "Handshake", ProviderHandshakeRequest.Parser, ProviderHandshakeResponse.Parser, static (service, request, _) => service.Handshake(request));
        Add(context, "Attach", PluginAttach.Parser, Empty.Parser, static (service, request, _) => service.Attach(request));
        Add(context, "Cancel", Empty.Parser, Empty.Parser, static (service, _, _) => service.Cancel());
        Add(context, "GetPluginInfo", Empty.Parser, PluginInfo.Parser, static (_, _, _) => ProviderService.GetPluginInfo());
        Add(context, "GetSchema", GetSchemaRequest.Parser, GetSchemaResponse.Parser, static (service, request, _) => service.GetSchema(request));
        Add(context, "GetMapping", GetMappingRequest.Parser, GetMappingResponse.Parser, static (_, _, _) => ProviderService.GetMapping());
        Add(context, "GetMappings", GetMappingsRequest.Parser, GetMappingsResponse.Parser, static (_, _, _) => ProviderService.GetMappings());
        Add(context, "Parameterize", ParameterizeRequest.Parser, ParameterizeResponse.Parser, static (_, _, _) => ProviderService.Parameterize());
        Add(context, "CheckConfig", CheckRequest.Parser, CheckResponse.Parser, static (_, request, operation) => ProviderService.CheckConfig(request, operation));
        Add(context, "DiffConfig", DiffRequest.Parser, DiffResponse.Parser, static (_, request, operation) => ProviderService.DiffConfig(request, operation));
        Add(context, "Configure", ConfigureRequest.Parser, ConfigureResponse.Parser, static (service, request, operation) => service.Configure(request, operation));
        Add(context, "Invoke", InvokeRequest.Parser, InvokeResponse.Parser, static (service, request, operation) => service.InvokeAsync(request, operation));
        Add(context, "Call", CallRequest.Parser, CallResponse.Parser, static (_, request, _) => ProviderService.Call(request));
        Add(context, "Construct", ConstructRequest.Parser, ConstructResponse.Parser, static (_, request, _) => ProviderService.Construct(request));
        Add(context, "Check", CheckRequest.Parser, CheckResponse.Parser, static (service, request, operation) => service.Check(request, operation));
        Add(context, "Diff", DiffRequest.Parser, DiffResponse.Parser, static (service, request, operation) => service.Diff(request, operation));
        Add(context, "Create", CreateRequest.Parser, CreateResponse.Parser, static (service, request, operation) => service.CreateAsync(request, operation));
        Add(context, "Read", ReadRequest.Parser, ReadResponse.Parser, static (service, request, operation) => service.ReadAsync(request, operation));
        Add(context, "Update", UpdateRequest.Parser, UpdateResponse.Parser, static (service, request, operation) => service.UpdateAsync(request, operation));
        Add(context, "Delete", DeleteRequest.Parser, Empty.Parser, static (service, request, operation) => service.DeleteAsync(request, operation));
        context.AddServerStreamingMethod(
            new Method<ListRequest, ListResponse>(MethodType.ServerStreaming, Service, "List", DeepParser.Marshaller(ListRequest.Parser), DeepParser.Marshaller(ListResponse.Parser)),
            [],
            static (service, request, responses, call) => service.Pipeline.RunAsync("List", async operation =>
            {
                await service.ListAsync(request, responses, operation);
                return true;
            }, call.CancellationToken));
    }

    private static void Add<TRequest, TResponse>(
        ServiceMethodProviderContext<ProviderService> context, string name, MessageParser<TRequest> requests, MessageParser<TResponse> responses,
        Func<ProviderService, TRequest, Operation, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
        => context.AddUnaryMethod(
            new Method<TRequest, TResponse>(MethodType.Unary, Service, name, DeepParser.Marshaller(requests), DeepParser.Marshaller(responses)),
            [],
            (service, request, call) => service.Pipeline.RunAsync(name, operation => handler(service, request, operation), call.CancellationToken));
}
