using System.Collections.Immutable;
using CsCheck;
using Grpc.Core;
using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Tests.Deployments;

/// <summary>
/// Random programs, one after the other on one stack, with operations that fail and runs that are cut. Whatever happened before: the state is whole, the
/// provider has what the state says, a second run changes nothing, nothing is deleted that the program wants, and a destroy leaves nothing.
/// </summary>
public sealed class RandomRunTests
{
    // Those of the slots, and the providers.
    private static readonly string[] TargetNames = ["a", "b", "c", "d", "e", "f", "p", "q"];

    // What a run that changes targets alone may refuse.
    private static readonly string[] Refusals = ["not among the targets", "is no resource of the stack"];

    private static readonly Gen<Act> Acts =
        from program in RandomProgram.Any
        from changed in Gen.Frequency((2, Gen.Const(true)), (3, Gen.Const(false))).Array[RandomProgram.Slots]
        from kind in Gen.Frequency((5, Gen.Const(ActKind.Up)), (1, Gen.Const(ActKind.UpWithRefresh)), (2, Gen.Const(ActKind.UpTarget)), (1, Gen.Const(ActKind.UpTargetAndDependents)),
            (1, Gen.Const(ActKind.Refresh)), (1, Gen.Const(ActKind.DestroyTargetAndDependents)), (1, Gen.Const(ActKind.Lose)))
        from slot in Gen.Int[0, TargetNames.Length - 1]
        from fault in Gen.Frequency((3, Gen.Const(Fault.None)), (1, Gen.Const(Fault.Fails)), (1, Gen.Const(Fault.Cuts)))
        from at in Gen.Int[1, 8]
        from parallel in Gen.OneOf(Gen.Const(1), Gen.Const(8))
        select new Act(program, [.. changed], kind, slot, fault, at, parallel);

    private enum ActKind
    {
        Up,
        UpWithRefresh,
        UpTarget,
        UpTargetAndDependents,
        Refresh,
        DestroyTargetAndDependents,

        /// <summary>One thing is gone from the provider's world, and the state is refreshed.</summary>
        Lose,
    }

    private enum Fault
    {
        None,

        /// <summary>An operation of the provider fails.</summary>
        Fails,

        /// <summary>From the beginning of an operation on, nothing reaches the disk any more.</summary>
        Cuts,
    }

    [Fact]
    [Trait("campaign", "yes")]
    public Task Whatever_happened_the_next_run_ends_where_the_program_says() => Seeds.RunAsync("engine-random", few: 25, full: 3000, async seed =>
    {
        var acts = Acts.List[1, 5];
        PCG random = new(0, (ulong)seed);
        var state = random.State;
        try
        {
            await RunAsync(acts.Generate(random, null, out _));
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // Told with fewer and simpler acts, if there are any that fail, too.
            await acts.SampleAsync(RunAsync, seed: random.ToString(state), iter: 200, threads: 1, print: Describe);
            throw;
        }
    });

    private static string Describe(List<Act> acts)
    {
        var program = RandomProgram.Empty;
        return string.Join("\n", acts.Select(act => $"{act.Kind} of slot {act.Slot}, {act.Fault} at operation {act.At}, {act.Parallel} at once: {program = program.With(act.Program, act.Changed)}"));
    }

    private static async Task RunAsync(List<Act> acts)
    {
        List<string> log = [];
        try
        {
            await RunAsync(acts, log);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{fault.Message}\n{string.Join("\n", log)}", fault);
        }
    }

    private static async Task RunAsync(List<Act> acts, List<string> log)
    {
        var (countdown, fault) = (0, Fault.None);
        ProbeStack? running = null;
        await using var stack = running = ProbeStack.Start((operation, _) =>
        {
            if (operation == "diff" || Interlocked.Decrement(ref countdown) != 0)
            {
                return;
            }

            if (fault == Fault.Cuts)
            {
                running!.Cut();
            }
            else if (fault == Fault.Fails)
            {
                throw new RpcException(new Status(StatusCode.FailedPrecondition, $"{operation} refused"));
            }
        });
        var program = RandomProgram.Empty;
        foreach (var act in acts)
        {
            program = program.With(act.Program, act.Changed);
            (countdown, fault) = (act.At, act.Fault);
            await ActAsync(stack, program, act);
            Note("act");
            (countdown, fault) = (0, Fault.None);
            stack.Mend();
            AssertWhole(stack);

            // What was cut or failed is taken up again; what is lost is known to a refresh alone.
            await stack.UpWellAsync(program.ToYaml(), request => request with { Refresh = act.Kind == ActKind.Lose });
            Note("up");
            AssertIs(stack, program);
            await stack.UpWellAsync(program.ToYaml());
            Assert.DoesNotContain(stack.Operations, operation => !operation.StartsWith("diff", StringComparison.Ordinal) && !operation.StartsWith("read", StringComparison.Ordinal));
            Assert.All(stack.Steps.Where(step => !step.StartsWith("refresh", StringComparison.Ordinal)), step => Assert.StartsWith("same ", step));
            AssertIs(stack, program);
        }

        Assert.True((await stack.DestroyAsync()).Succeeded, string.Join("\n", stack.Errors));
        Assert.Empty(stack.State.Resources);
        Assert.Empty(stack.World.Ids);

        void Note(string what) => log.Add($"{what}: {string.Join(", ", stack.Operations)}; errors: {string.Join("; ", stack.Errors)}\n{StateIntegrity.Describe(stack.State)}\npending: {string.Join(", ", stack.State.PendingOperations.Select(operation => $"{operation.Type} {operation.Resource.Urn}"))}; there are {string.Join(", ", stack.World.Ids)}");
    }

    private static async Task ActAsync(ProbeStack stack, RandomProgram program, Act act)
    {
        DeploymentRequest Change(DeploymentRequest request) => request with
        {
            Parallel = act.Parallel,
            Refresh = act.Kind == ActKind.UpWithRefresh,
            Targets = act.Kind is ActKind.UpTarget or ActKind.UpTargetAndDependents or ActKind.DestroyTargetAndDependents ? [$"**::{TargetNames[act.Slot]}"] : [],
            TargetDependents = act.Kind is ActKind.UpTargetAndDependents or ActKind.DestroyTargetAndDependents,
        };
        try
        {
            var result = await RunAsync();
            Assert.True(act.Fault != Fault.None || result.Succeeded || stack.Errors.Any(error => Array.Exists(Refusals, refusal => error.Contains(refusal, StringComparison.Ordinal))),
                $"it failed, and nothing was wrong with it: {string.Join("; ", stack.Errors)}");
        }
        catch (EngineException) when (act.Fault == Fault.Cuts)
        {
            // The disk took nothing any more.
        }

        async Task<DeploymentResult> RunAsync()
        {
            switch (act.Kind)
            {
                case ActKind.Refresh:
                    return await stack.RefreshAsync(Change);
                case ActKind.Lose:
                    foreach (var lost in stack.State.Resources.Where(resource => resource.Type == "probe:index:Thing" && Urn.NameOf(resource.Urn)[0] == TargetNames[act.Slot][0]))
                    {
                        stack.World.Delete(lost.Id);
                    }

                    return await stack.RefreshAsync(Change);
                case ActKind.DestroyTargetAndDependents:
                    return await stack.DestroyAsync(Change);
                default:
                    return await stack.UpAsync(program.ToYaml(), Change);
            }
        }
    }

    /// <summary>The state is one that Pulumi takes, and what the provider has is in it, or in what it says was under way.</summary>
    private static void AssertWhole(ProbeStack stack)
    {
        StateIntegrity.Assert(stack.State);
        var known = stack.State.Resources.Where(resource => !resource.PendingReplacement).Select(resource => resource.Id).ToHashSet(StringComparer.Ordinal);
        var pending = stack.State.PendingOperations.Select(operation => operation.Resource.Urn).ToHashSet(StringComparer.Ordinal);
        Assert.All(stack.World.Ids.Where(id => !known.Contains(id)), id => Assert.Contains(stack.World.UrnOf(id), pending));
    }

    private static void AssertIs(ProbeStack stack, RandomProgram program)
    {
        StateIntegrity.Assert(stack.State);
        Assert.Empty(stack.State.PendingOperations);
        Assert.DoesNotContain(stack.State.Resources, resource => resource.Delete || resource.PendingReplacement || resource.InitErrors.Length > 0);
        var things = stack.State.Resources.Where(resource => resource.Type == "probe:index:Thing").ToList();
        Assert.Equal(program.Names.Order(StringComparer.Ordinal), things.Select(thing => Urn.NameOf(thing.Urn)).Order(StringComparer.Ordinal));
        Assert.Equal(things.Select(thing => thing.Id).Order(StringComparer.Ordinal), stack.World.Ids.Order(StringComparer.Ordinal));
        Assert.All(things, thing => Assert.Equal(thing.Inputs, PropertyCodec.DecodeObject(stack.World.Read(thing.Id))));
        Assert.Equal(program.Things.Sum(thing => thing.Views), stack.State.Resources.Count(resource => resource.ViewOf.Length > 0));
    }

    private sealed record Act(RandomProgram Program, ImmutableArray<bool> Changed, ActKind Kind, int Slot, Fault Fault, int At, int Parallel);
}
