using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>Resources that a program reads, and that are not the stack's; and functions.</summary>
public sealed partial class Deployment
{
    public async Task<RegisteredResource> ReadResourceAsync(ReadGoal goal, CancellationToken cancellationToken)
    {
        ThrowIfStopped();
        var urn = Urn.Of(Request.Stack, Request.Project, goal.Parent, goal.Type, goal.Name);
        ResourceGoal registered = new() { Type = goal.Type, Name = goal.Name, Parent = goal.Parent, Custom = true, Options = goal.Options };
        if (!_goals.TryAdd(urn, registered))
        {
            throw Fail(urn, $"two resources of the type {goal.Type} have the name '{goal.Name}'; give one of them another name");
        }

        if (goal.Id.Bare is not StringValue { Text: var id })
        {
            return goal.Id.ContainsUnknown ? new RegisteredResource(urn, UnknownValue.Text, AllUnknown) : throw Fail(urn, "the id by which it is to be read is no text");
        }

        if (goal.Dependencies.Concat(goal.Options.DependsOn).Append(goal.Parent).FirstOrDefault(_skipped.ContainsKey) is { } missing)
        {
            throw Fail(urn, $"it depends on {missing}, which is not there yet and not among the targets; add --target '{missing}'");
        }

        var old = _olds.TryGetValue(urn, out var found) ? await TakeOldAsync(found) : null;
        var (reference, provider) = await ProviderOfAsync(goal.Type, goal.Parent, goal.Options, urn);
        ResourceState wish = new()
        {
            Urn = urn,
            Type = goal.Type,
            Custom = true,
            External = true,
            Id = id,
            Parent = goal.Parent,
            Dependencies = [.. goal.Dependencies.Concat(goal.Options.DependsOn).Distinct().Order(StringComparer.Ordinal)],
            Provider = reference,
            AdditionalSecretOutputs = goal.Options.AdditionalSecretOutputs,
            Inputs = goal.State,
        };
        if (!provider.IsConfigured)
        {
            return new RegisteredResource(urn, id, AllUnknown);
        }

        // The stack's own resource of that name goes once all else is done, as one that was replaced.
        var owned = old is { External: false } ? old : null;
        var read = await TakeStepAsync(
            new Step(owned is null ? StepOperation.Read : StepOperation.ReadReplacement, urn, old, wish),
            PendingOperation.Reading,
            async (board, status) =>
            {
                var answer = await provider.ReadAsync(urn, id, goal.State, goal.State, goal.Options.CustomTimeouts.Read, status, board.OldViews);
                return answer.Id.Length == 0
                    ? throw Fail(urn, $"there is no {goal.Type} with the id '{id}' to read")
                    : wish with { Id = answer.Id, Outputs = Secrets.Close(answer.Outputs, wish.AdditionalSecretOutputs), RefreshBeforeUpdate = answer.RefreshBeforeUpdate };
            },
            (state, made) =>
            {
                if (owned is not null)
                {
                    state.Exchange(owned, owned with { Delete = true });
                    state.Add(null, made);
                }
                else
                {
                    state.Add(old, made);
                }
            });
        _registered[urn] = read;
        return new RegisteredResource(urn, read.Id, read.Outputs);
    }

    public async Task<ObjectValue> InvokeAsync(InvokeGoal goal, CancellationToken cancellationToken)
    {
        ThrowIfStopped();
        var (_, provider) = await ProviderOfAsync(goal.Token, goal.Parent, ResourceOptions.None with { Provider = goal.Provider, Version = goal.Version }, goal.Token);
        if (!provider.IsConfigured)
        {
            throw new EngineException(EngineFailure.InvalidProgram, $"the function {goal.Token} can't be called in this preview: its provider's settings are not known yet");
        }

        try
        {
            var (result, failures) = await provider.InvokeAsync(goal.Token, goal.Arguments, IsPreview);
            return failures.Count == 0
                ? result
                : throw new EngineException(EngineFailure.InvalidProgram, $"the function {goal.Token} refuses its arguments: {string.Join("; ", failures.Select(failure => failure.Property.Length == 0 ? failure.Reason : $"{failure.Property}: {failure.Reason}"))}");
        }
        catch (ProviderCallException fault)
        {
            throw new EngineException(EngineFailure.Deployment, $"the function {goal.Token} failed: {fault.Message}", fault);
        }
    }
}
