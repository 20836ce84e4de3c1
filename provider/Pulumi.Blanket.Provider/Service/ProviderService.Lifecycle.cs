using Google.Protobuf.WellKnownTypes;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Resources;
using Pulumi.Blanket.Provider.Views;

namespace Pulumi.Blanket.Provider.Service;

internal sealed partial class ProviderService
{
    public async Task<CreateResponse> CreateAsync(CreateRequest request, Operation operation)
    {
        operation.Urn = request.Urn;
        var resource = package.Resource(TypeOf(request.Type, request.Urn));
        var context = Context(
            resource, operation, request.Name, OperationKind.Create, request.Timeout, Views(request.ResourceStatusAddress, request.ResourceStatusToken, []),
            PropertyCodec.DecodeObject(request.Properties), ObjectValue.Empty, ObjectValue.Empty);
        var answer = request.Preview ? await resource.RunPreviewAsync(context, id: "", operation.Token) : await RunAsync(resource.RunCreateAsync(context, operation.Token), request.Urn);
        _namedIds.Add(request.Urn, answer.Id);
        return new CreateResponse { Id = answer.Id, Properties = PropertyCodec.EncodeObject(answer.State), RefreshBeforeUpdate = context.RefreshBeforeUpdate };
    }

    public async Task<ReadResponse> ReadAsync(ReadRequest request, Operation operation)
    {
        operation.Urn = request.Urn;
        var resource = package.Resource(TypeOf(request.Type, request.Urn));
        var (state, inputs) = resource.Upgrade(PropertyCodec.DecodeObject(request.Properties), PropertyCodec.DecodeObject(request.Inputs));
        _namedIds.Add(request.Urn, request.Id);
        var context = Context(
            resource, operation, request.Name, OperationKind.Read, request.Timeout, Views(request.ResourceStatusAddress, request.ResourceStatusToken, request.OldViews),
            inputs, ObjectValue.Empty, state);
        var answer = await RunAsync(resource.RunReadAsync(context, request.Id, operation.Token), request.Urn);
        _namedIds.Add(request.Urn, answer?.Id ?? "");
        return answer is null ? new ReadResponse() : new ReadResponse
        {
            Id = answer.Id,
            Properties = PropertyCodec.EncodeObject(answer.State),
            Inputs = PropertyCodec.EncodeObject(answer.Inputs),
            RefreshBeforeUpdate = context.RefreshBeforeUpdate,
        };
    }

    public async Task<UpdateResponse> UpdateAsync(UpdateRequest request, Operation operation)
    {
        operation.Urn = request.Urn;
        var resource = package.Resource(TypeOf(request.Type, request.Urn));
        var (state, oldInputs) = resource.Upgrade(PropertyCodec.DecodeObject(request.Olds), PropertyCodec.DecodeObject(request.OldInputs));
        _namedIds.Add(request.Urn, request.Id);
        var context = Context(
            resource, operation, request.Name, OperationKind.Update, request.Timeout, Views(request.ResourceStatusAddress, request.ResourceStatusToken, request.OldViews),
            PropertyCodec.DecodeObject(request.News), oldInputs, state);
        var answer = request.Preview ? await resource.RunPreviewAsync(context, request.Id, operation.Token) : await resource.RunUpdateAsync(context, request.Id, operation.Token);
        return new UpdateResponse { Properties = PropertyCodec.EncodeObject(answer.State), RefreshBeforeUpdate = context.RefreshBeforeUpdate };
    }

    public async Task<Empty> DeleteAsync(DeleteRequest request, Operation operation)
    {
        operation.Urn = request.Urn;
        var resource = package.Resource(TypeOf(request.Type, request.Urn));
        var (state, inputs) = resource.Upgrade(PropertyCodec.DecodeObject(request.Properties), PropertyCodec.DecodeObject(request.OldInputs));
        _namedIds.Add(request.Urn, request.Id);
        var context = Context(
            resource, operation, request.Name, OperationKind.Delete, request.Timeout, Views(request.ResourceStatusAddress, request.ResourceStatusToken, request.OldViews),
            inputs, ObjectValue.Empty, state);
        await resource.RunDeleteAsync(context, request.Id, operation.Token);
        _namedIds.Deleted(request.Urn, request.Id);
        return new Empty();
    }

    // A create that did not finish has an id too, and the engine keeps it.
    private async Task<T> RunAsync<T>(Task<T> running, string urn)
    {
        try
        {
            return await running;
        }
        catch (UnfinishedException unfinished)
        {
            _namedIds.Add(urn, unfinished.Id);
            throw;
        }
    }

    private OperationContext Context(
        Resource resource, Operation operation, string name, OperationKind kind, double timeoutSeconds, ViewPublisher views, ObjectValue inputs, ObjectValue oldInputs, ObjectValue state)
    {
        var timeout = timeoutSeconds > 0 ? TimeSpan.FromSeconds(Math.Min(timeoutSeconds, TimeSpan.FromDays(20).TotalSeconds)) : resource.DefaultTimeout(kind);
        operation.LimitTo(timeout);
        return new OperationContext
        {
            Urn = operation.Urn,
            Name = NameOf(name, operation.Urn),
            OperationId = operation.Id,
            Timeout = timeout,
            Configuration = _configuration,
            Log = new OperationLog(engine, operation.Urn, operation.Id),
            NamedIds = _namedIds.Of(operation.Urn),
            LivingIds = _namedIds.LivingOf(operation.Urn),
            Views = views,
            Inputs = inputs,
            OldInputs = oldInputs,
            State = state,
            RefreshBeforeUpdate = resource.RefreshBeforeUpdate,
        };
    }

    private ViewPublisher Views(string address, string token, IReadOnlyList<View> old)
        => !_capabilities.SupportsViews || address.Length == 0 ? ViewPublisher.None : new ViewPublisher(address, token, [.. old.Select(view => new ViewState(
            view.Type, view.Name, PropertyCodec.DecodeObject(view.Inputs), PropertyCodec.DecodeObject(view.Outputs), view.ParentType, view.ParentName))]);
}
