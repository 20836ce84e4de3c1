using Grpc.Net.Client;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using ResourceStatusClient = Pulumi.Blanket.Protocol.Contract.ResourceStatus.ResourceStatusClient;

namespace Pulumi.Blanket.Provider.Views;

/// <summary>Publishes the steps of an operation's views to the engine.</summary>
/// <param name="address">Empty where the engine takes none.</param>
/// <param name="old">The views of last time.</param>
internal sealed class ViewPublisher(string address, string token, IReadOnlyList<ViewState> old)
{
    public static ViewPublisher None { get; } = new("", "", []);

    public bool IsAvailable => address.Length > 0;

    /// <summary>The views of last time, as the state has them.</summary>
    public IReadOnlyList<ViewState> Old { get; } = old;

    /// <summary>Publishes steps; does nothing where the engine takes none.</summary>
    /// <exception cref="Grpc.Core.RpcException">The engine did not take them.</exception>
    public async Task PublishAsync(IReadOnlyList<ViewStep> steps, CancellationToken cancellationToken)
    {
        if (!IsAvailable)
        {
            return;
        }

        PublishViewStepsRequest request = new() { Token = token };
        foreach (var step in steps)
        {
            request.Steps.Add(new Protocol.Contract.ViewStep
            {
                Op = (Protocol.Contract.ViewStep.Types.Op)step.Operation,
                Status = step.Error.Length == 0 ? Protocol.Contract.ViewStep.Types.Status.Ok : Protocol.Contract.ViewStep.Types.Status.PartialFailure,
                Error = step.Error,
                Type = step.Type,
                Name = step.Name,
                Old = ToWire(step.Old),
                New = ToWire(step.New),
            });
        }

        using var channel = GrpcChannel.ForAddress($"http://{address}");
        await new ResourceStatusClient(channel).PublishViewStepsAsync(request, cancellationToken: cancellationToken);
    }

    private static ViewStepState? ToWire(ViewState? state) => state is null ? null : new ViewStepState
    {
        Type = state.Type,
        Name = state.Name,
        ParentType = state.ParentType,
        ParentName = state.ParentName,
        Inputs = PropertyCodec.EncodeObject(state.Inputs),
        Outputs = PropertyCodec.EncodeObject(state.Outputs),
    };
}
