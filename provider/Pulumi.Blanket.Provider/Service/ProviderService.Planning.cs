using Google.Protobuf.Collections;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Diffs;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Resources;

namespace Pulumi.Blanket.Provider.Service;

internal sealed partial class ProviderService
{
    public Task<CheckResponse> Check(CheckRequest request, Operation operation)
    {
        operation.Urn = request.Urn;
        var naming = request.Autonaming is not { } options ? AutoNaming.Default : new AutoNaming(
            options.Mode switch
            {
                CheckRequest.Types.AutonamingOptions.Types.Mode.Enforce => AutoNamingMode.Enforce,
                CheckRequest.Types.AutonamingOptions.Types.Mode.Disable => AutoNamingMode.Disable,
                _ => AutoNamingMode.Propose,
            },
            options.ProposedName.Length == 0 ? null : options.ProposedName);
        var answer = package.Resource(TypeOf(request.Type, request.Urn)).RunCheck(new CheckCall(
            request.Urn, NameOf(request.Name, request.Urn), PropertyCodec.DecodeObject(request.Olds), PropertyCodec.DecodeObject(request.News), request.RandomSeed.Memory, naming));
        CheckResponse response = new() { Inputs = PropertyCodec.EncodeObject(answer.Inputs) };
        AddFaults(response.Failures, answer.Faults);
        return Task.FromResult(response);
    }

    public Task<DiffResponse> Diff(DiffRequest request, Operation operation)
    {
        operation.Urn = request.Urn;
        _namedIds.Add(request.Urn, request.Id);
        var answer = package.Resource(TypeOf(request.Type, request.Urn)).RunDiff(new DiffCall(
            request.Id, request.Urn, PropertyCodec.DecodeObject(request.OldInputs), PropertyCodec.DecodeObject(request.Olds), PropertyCodec.DecodeObject(request.News), request.IgnoreChanges));
        foreach (var warning in answer.Warnings)
        {
            new OperationLog(engine, operation.Urn, operation.Id).Warning(warning);
        }

        return Task.FromResult(ToWire(answer));
    }

    private static void AddFaults(RepeatedField<CheckFailure> failures, IReadOnlyList<InputFault> faults)
        => failures.AddRange(faults.Select(fault => new CheckFailure { Property = fault.Path.ToString(), Reason = fault.Reason }));

    private static DiffResponse ToWire(DiffAnswer answer)
    {
        DiffResponse response = new()
        {
            Changes = answer.Entries.Count == 0 ? DiffResponse.Types.DiffChanges.DiffNone : DiffResponse.Types.DiffChanges.DiffSome,
            DeleteBeforeReplace = answer.DeleteBeforeReplace,
            HasDetailedDiff = true,
            Stables = { answer.Stables },
            Diffs = { answer.Entries.Select(entry => entry.Path.TopLevel!).Distinct() },
            Replaces = { answer.Entries.Where(entry => entry.Replaces).Select(entry => entry.Path.TopLevel!).Distinct() },
        };
        foreach (var entry in answer.Entries)
        {
            response.DetailedDiff[entry.Path.ToString()] = new PropertyDiff { Kind = KindOf(entry), InputDiff = entry.IsInput };
        }

        return response;
    }

    private static PropertyDiff.Types.Kind KindOf(DiffEntry entry) => (entry.Kind, entry.Replaces) switch
    {
        (PropertyChangeKind.Add, false) => PropertyDiff.Types.Kind.Add,
        (PropertyChangeKind.Add, true) => PropertyDiff.Types.Kind.AddReplace,
        (PropertyChangeKind.Delete, false) => PropertyDiff.Types.Kind.Delete,
        (PropertyChangeKind.Delete, true) => PropertyDiff.Types.Kind.DeleteReplace,
        (_, false) => PropertyDiff.Types.Kind.Update,
        (_, true) => PropertyDiff.Types.Kind.UpdateReplace,
    };

    // Type and name stand in the URN too: urn:pulumi:<stack>::<project>::<parents$type>::<name>. Engines before 3.130 sent nothing else.
    private static string TypeOf(string type, string urn)
        => type.Length > 0 ? type : Parts(urn) is [_, _, var types, _] ? types[(types.LastIndexOf('$') + 1)..] : urn;

    private static string NameOf(string name, string urn) => name.Length > 0 ? name : Parts(urn) is [_, _, _, var last] ? last : urn;

    private static string[] Parts(string urn) => urn.Split("::", 4);
}
