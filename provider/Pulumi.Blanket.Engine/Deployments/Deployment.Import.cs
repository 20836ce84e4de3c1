using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>Taking over resources that exist.</summary>
public sealed partial class Deployment
{
    /// <summary>The option <c>import</c>: the resource is taken over, and changed where the program says something else of it.</summary>
    private async Task<ResourceState> ImportAsync(ResourceGoal goal, string urn, ResourceState? old, string reference, Provider provider)
    {
        var id = goal.Options.Import;
        var wish = Wish(goal, urn, goal.Inputs, reference);
        if (old is not null)
        {
            RefuseProtected(old, wish);
        }

        if (!provider.IsConfigured)
        {
            return wish with { Id = id, Outputs = AllUnknown };
        }

        var operation = old is null ? StepOperation.Import : StepOperation.ImportReplacement;
        var (asked, difference) = (ObjectValue.Empty, ResourceDiff.None);
        var imported = await TakeStepAsync(
            new Step(operation, urn, old, wish),
            PendingOperation.Importing,
            async (_, status) =>
            {
                var answer = await provider.ReadAsync(urn, id, null, null, goal.Options.CustomTimeouts.Read, status, []);
                if (answer.Id.Length == 0)
                {
                    throw Fail(urn, $"there is no {goal.Type} with the id '{id}' to import");
                }

                if (answer.Inputs is not { } actual)
                {
                    throw Fail(urn, $"the provider can't tell the inputs of the {goal.Type} '{id}', so it can't be imported");
                }

                var given = goal.Options.IgnoreChanges.Aggregate(goal.Inputs, (inputs, path) => PathOf(path, urn).Reset(actual, inputs));
                var check = await provider.CheckAsync(urn, actual, given, SeedOf(urn));
                RefuseFailures(urn, check);
                var read = wish with { Id = answer.Id, Inputs = actual, Outputs = Secrets.Close(answer.Outputs, wish.AdditionalSecretOutputs) };
                difference = ReplaceOnChanges(Decide(await provider.DiffAsync(read, check.Inputs, goal.Options.IgnoreChanges), actual, check.Inputs), goal.Options.ReplaceOnChanges, urn);
                asked = check.Inputs;
                if (difference.IsReplace)
                {
                    throw Fail(urn, $"the program's inputs are not those of the {goal.Type} '{id}', and can't be given to it: {string.Join(", ", difference.ReplaceKeys)} would make a new one; write into the program what is there, import, then change it");
                }

                return read with { Inputs = difference.Changes == ResourceDiff.Answer.Some ? actual : check.Inputs, Created = Now, Modified = Now, RefreshBeforeUpdate = answer.RefreshBeforeUpdate, InitErrors = answer.InitErrors };
            },
            (state, made) =>
            {
                // The very one by another name is no other one, and must not be deleted.
                var isItself = old is { External: false } && old.Id == made.Id;
                if (old is not null && !isItself)
                {
                    state.Exchange(old, old with { Delete = true });
                }

                state.Add(isItself ? old : null, made);
            });
        _registered[urn] = imported;

        // Taken over as it is, it then becomes what the program wants.
        return difference.Changes == ResourceDiff.Answer.Some ? await UpdateAsync(goal, provider, imported, wish with { Inputs = asked }, difference) : imported;
    }

    /// <summary>The command <c>import</c>: resources are taken over as they are, and the program follows.</summary>
    private async Task ImportAsync()
    {
        var stack = Urn.StackOf(Request.Stack, Request.Project);
        if (!_olds.ContainsKey(stack))
        {
            await CreatedQuietlyAsync(new ResourceState { Urn = stack, Type = Urn.StackType });
        }

        await Task.WhenAll(Request.Imports.Select(request => ImportAsync(request, stack)));
    }

    private async Task ImportAsync(ImportRequest request, string stack)
    {
        var parent = request.Parent.Length == 0 ? stack : request.Parent;
        if (parent != stack && !_olds.ContainsKey(parent))
        {
            throw Fail(parent, "the stack has no such resource, and it can't be a parent; give the URN of one that is there");
        }

        var urn = Urn.Of(Request.Stack, Request.Project, parent, request.Type, request.Name);
        if (_olds.ContainsKey(urn))
        {
            throw Fail(urn, $"the stack has a {request.Type} of the name '{request.Name}' already; give another name");
        }

        var reference = request.Provider.Length == 0
            ? await DefaultProviderAsync(ProviderReference.PackageOf(request.Type), request.Version, "")
            : _olds.TryGetValue(request.Provider, out var declared) ? declared.ProviderReference : throw Fail(urn, $"the stack has no provider {request.Provider}");
        var provider = await RunningProviderAsync(reference, urn);
        ResourceState wish = new() { Urn = urn, Type = request.Type, Custom = true, Id = request.Id, Parent = parent, Provider = reference, Protect = request.Protect };
        var imported = await TakeStepAsync(
            new Step(StepOperation.Import, urn, null, wish),
            PendingOperation.Importing,
            async (_, _) =>
            {
                var answer = await provider.ReadAsync(urn, request.Id, null, null, 0, StatusTarget.None, []);
                if (answer.Id.Length == 0)
                {
                    throw Fail(urn, $"there is no {request.Type} with the id '{request.Id}' to import");
                }

                var actual = answer.Inputs ?? throw Fail(urn, $"the provider can't tell the inputs of the {request.Type} '{request.Id}', so it can't be imported");
                var check = await provider.CheckAsync(urn, actual, actual, SeedOf(urn));
                foreach (var (property, reason) in check.Failures)
                {
                    Tell(MessageSeverity.Warning, urn, $"the property {property} of what was imported has a problem: {reason}");
                }

                return wish with
                {
                    Id = answer.Id,
                    Inputs = check.Failures.IsEmpty ? check.Inputs : actual,
                    Outputs = answer.Outputs,
                    Created = Now,
                    Modified = Now,
                    RefreshBeforeUpdate = answer.RefreshBeforeUpdate,
                    InitErrors = answer.InitErrors,
                };
            },
            (state, made) => state.Add(null, made));
        _registered[urn] = imported;
    }
}
