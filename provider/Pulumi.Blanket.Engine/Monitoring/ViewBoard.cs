using Grpc.Core;
using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Monitoring;

/// <summary>The views of one resource while an operation on it goes on.</summary>
/// <param name="owner">URN of the resource.</param>
/// <param name="olds">Its views so far, which go with the operation.</param>
/// <param name="stay">Those of them that it still has after it, unless the provider says otherwise.</param>
/// <param name="show">Shows a step.</param>
internal sealed class ViewBoard(string stack, string project, string owner, IReadOnlyList<ResourceState> olds, IReadOnlyList<ResourceState> stay, Action<Step, string?> show)
{
    private readonly Lock _lock = new();
    private readonly List<ResourceState> _views = [.. stay];

    public IReadOnlyList<ResourceState> Olds => olds;

    public IReadOnlyList<ResourceState> Views
    {
        get
        {
            lock (_lock)
            {
                return [.. _views];
            }
        }
    }

    /// <summary>The views so far, as an operation is told them.</summary>
    public IEnumerable<View> OldViews => olds.Select(view => new View
    {
        Type = view.Type,
        Name = Urn.NameOf(view.Urn),
        ParentType = view.Parent == owner ? "" : Urn.TypeOf(view.Parent),
        ParentName = view.Parent == owner ? "" : Urn.NameOf(view.Parent),
        Inputs = PropertyCodec.EncodeObject(view.Inputs),
        Outputs = PropertyCodec.EncodeObject(view.Outputs),
    });

    public void Publish(ViewStep step)
    {
        Step shown;
        lock (_lock)
        {
            var old = step.Old is null ? null : _views.Find(view => view.Type == step.Old.Type && Urn.NameOf(view.Urn) == step.Old.Name)
                ?? throw new RpcException(new Status(StatusCode.InvalidArgument, $"the step of the view {step.Name} names an old one, {step.Old.Name}, that is not there"));
            var @new = step.New is null ? null : StateOf(step.New);
            var index = old is null ? _views.Count : _views.IndexOf(old);
            if (step.Status == ViewStep.Types.Status.Ok && IsLasting(step.Op))
            {
                if (old is not null)
                {
                    _views.RemoveAt(index);
                }

                if (@new is not null && step.Op is not (ViewStep.Types.Op.Delete or ViewStep.Types.Op.DeleteReplaced))
                {
                    _views.Insert(index, @new);
                }
            }

            if (@new is null && old is null)
            {
                return;
            }

            shown = new Step(OperationOf(step.Op), (@new ?? old)!.Urn, old, @new);
        }

        show(shown, step.Status == ViewStep.Types.Status.Ok ? null : step.Error);
    }

    private static bool IsLasting(ViewStep.Types.Op op) => op is not (ViewStep.Types.Op.Replace or ViewStep.Types.Op.Unspecified);

    private static StepOperation OperationOf(ViewStep.Types.Op op) => op switch
    {
        ViewStep.Types.Op.Same => StepOperation.Same,
        ViewStep.Types.Op.Create => StepOperation.Create,
        ViewStep.Types.Op.Update => StepOperation.Update,
        ViewStep.Types.Op.Delete => StepOperation.Delete,
        ViewStep.Types.Op.Replace => StepOperation.Replace,
        ViewStep.Types.Op.CreateReplacement => StepOperation.CreateReplacement,
        ViewStep.Types.Op.DeleteReplaced or ViewStep.Types.Op.DiscardReplaced => StepOperation.DeleteReplaced,
        ViewStep.Types.Op.Read => StepOperation.Read,
        ViewStep.Types.Op.ReadReplacement => StepOperation.ReadReplacement,
        ViewStep.Types.Op.Refresh => StepOperation.Refresh,
        ViewStep.Types.Op.ReadDiscard => StepOperation.ReadDiscard,
        ViewStep.Types.Op.RemovePendingReplace => StepOperation.RemovePendingReplace,
        ViewStep.Types.Op.Import => StepOperation.Import,
        ViewStep.Types.Op.ImportReplacement => StepOperation.ImportReplacement,
        _ => StepOperation.Same,
    };

    private ResourceState StateOf(ViewStepState state)
    {
        var parent = state.ParentType.Length == 0
            ? owner
            : _views.Find(view => view.Type == state.ParentType && Urn.NameOf(view.Urn) == state.ParentName)?.Urn ?? owner;
        return new ResourceState
        {
            Urn = Urn.Of(stack, project, parent, state.Type, state.Name),
            Type = state.Type,
            Inputs = PropertyCodec.DecodeObject(state.Inputs),
            Outputs = PropertyCodec.DecodeObject(state.Outputs),
            Parent = parent,
            ViewOf = owner,
        };
    }
}
