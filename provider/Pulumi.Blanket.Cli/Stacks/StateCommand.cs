using System.CommandLine;
using Pulumi.Blanket.Engine;
using Pulumi.Blanket.Engine.States;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Stacks;

/// <summary><c>blanket state …</c>: changes of the state alone, for what no update can do.</summary>
internal static class StateCommand
{
    private static readonly Argument<string> Resource = new("resource") { Description = "Its URN, or its name where only one has it" };

    public static Command Create() => new("state", "Change the stack's state by hand, and nothing else") { Delete(), Unprotect(), Rename(), Repair() };

    private static Command Delete()
    {
        Option<bool> force = new("--force") { Description = "Even if it is protected" };
        Command command = new("delete", "Take a resource out of the state; what it stands for stays where it is") { Resource, force, StackOptions.TargetDependents, StackOptions.Yes };
        command.SetAction((parsed, _) => EditAsync(parsed, "nobody looks after it any more", snapshot =>
        {
            var resource = StateEdits.Find(snapshot, parsed.GetRequiredValue(Resource));
            return StateEdits.Delete(snapshot, resource, parsed.GetValue(StackOptions.TargetDependents), parsed.GetValue(force));
        }));
        return command;
    }

    private static Command Unprotect()
    {
        Argument<string?> one = new("resource") { Description = Resource.Description, Arity = ArgumentArity.ZeroOrOne };
        Option<bool> all = new("--all") { Description = "All resources of the stack" };
        Command command = new("unprotect", "Take the protection away from a resource, until the program gives it again") { one, all, StackOptions.Yes };
        command.SetAction((parsed, _) => EditAsync(parsed, "", snapshot => (parsed.GetValue(one), parsed.GetValue(all)) switch
        {
            ({ } name, false) => StateEdits.Unprotect(snapshot, StateEdits.Find(snapshot, name)),
            (null, true) => StateEdits.Unprotect(snapshot, null),
            _ => throw new EngineException(EngineFailure.InvalidInput, "name a resource, or give --all"),
        }));
        return command;
    }

    private static Command Rename()
    {
        Argument<string> name = new("name") { Description = "Its new name; the program has to have it, too" };
        Command command = new("rename", "Give a resource another name") { Resource, name, StackOptions.Yes };
        command.SetAction((parsed, _) => EditAsync(parsed, "", snapshot
            => StateEdits.Rename(snapshot, StateEdits.Find(snapshot, parsed.GetRequiredValue(Resource)), parsed.GetRequiredValue(name))));
        return command;
    }

    private static Command Repair()
    {
        Command command = new("repair", "Put a state right that came out of order, or names what is not there") { StackOptions.Yes };
        command.SetAction((parsed, _) => EditAsync(parsed, "", snapshot =>
        {
            var faults = SnapshotIntegrity.FaultsOf(snapshot);
            foreach (var fault in faults)
            {
                Consoles.Error.WriteLine(fault);
            }

            var repaired = faults.IsEmpty ? snapshot : SnapshotIntegrity.Repair(snapshot, Consoles.Error.WriteLine);
            return SnapshotIntegrity.FaultsOf(repaired) is { IsEmpty: false } rest
                ? throw new EngineException(EngineFailure.InvalidState, $"this has to be mended by hand, with `stack export` and `stack import`: {SnapshotIntegrity.Describe(rest)}")
                : repaired;
        }));
        return command;
    }

    private static async Task<int> EditAsync(ParseResult parsed, string consequence, Func<Snapshot, Snapshot> edit)
    {
        var workspace = Workspace.Open(parsed);
        var stack = workspace.FindStack();
        using var held = workspace.Backend.Lock(stack, text => Consoles.Error.SayLine($"[yellow]{text}[/]"));
        var checkpoint = workspace.Backend.Load(stack, workspace.Passphrase);
        var edited = edit(checkpoint.Snapshot);
        var changed = edited.Resources.Except(checkpoint.Snapshot.Resources, ReferenceEqualityComparer.Instance).Cast<ResourceState>().ToList();
        var gone = edited.Resources.Length == checkpoint.Snapshot.Resources.Length ? [] : checkpoint.Snapshot.Resources.Except(edited.Resources, ReferenceEqualityComparer.Instance).Cast<ResourceState>().ToList();
        if (changed.Count == 0 && gone.Count == 0 && edited.Resources.SequenceEqual(checkpoint.Snapshot.Resources))
        {
            Consoles.Output.WriteLine($"there is nothing to change in the stack {stack.Stack}");
            return ExitCodes.Success;
        }

        foreach (var resource in gone)
        {
            Consoles.Error.WriteLine($"out of the state: {resource.Urn}{(resource.Id.Length > 0 ? $" ({resource.Id})" : "")}{(consequence.Length > 0 ? $", {consequence}" : "")}");
        }

        if (!parsed.GetValue(StackOptions.Yes) && !workspace.Confirm($"Change the state of {stack.Stack}?", "--yes"))
        {
            return ExitCodes.Failure;
        }

        // One fault less is worth writing, though others are left.
        var (before, after) = (SnapshotIntegrity.FaultsOf(checkpoint.Snapshot).Length, SnapshotIntegrity.FaultsOf(edited).Length);
        await using var writer = workspace.Backend.OpenWriter(stack, checkpoint.Secrets, checkpoint, allowsFaults: before > 0 && after <= before);
        await writer.WriteAsync(() => edited);
        Consoles.Output.WriteLine($"the stack {stack.Stack} has {edited.Resources.Length} resources now; what it was is beside it (.bak)");
        return ExitCodes.Success;
    }
}
