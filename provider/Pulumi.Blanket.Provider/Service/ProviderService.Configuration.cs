using Google.Protobuf.WellKnownTypes;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Diffs;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Resources;

namespace Pulumi.Blanket.Provider.Service;

internal sealed partial class ProviderService
{
    // The older way to pass configuration: texts by names such as `blanket:config:user`.
    private const string VariablePrefix = "blanket:config:";

    public static Task<CheckResponse> CheckConfig(CheckRequest request, Operation operation)
    {
        operation.Urn = request.Urn;
        var (kept, _, faults) = ProviderConfiguration.Check(PropertyCodec.DecodeObject(request.News));
        CheckResponse response = new() { Inputs = PropertyCodec.EncodeObject(kept) };
        AddFaults(response.Failures, faults);
        return Task.FromResult(response);
    }

    // No setting replaces the provider: hosts and fabrics are what they are, whoever looks at them.
    public static Task<DiffResponse> DiffConfig(DiffRequest request, Operation operation)
    {
        operation.Urn = request.Urn;
        var olds = PropertyCodec.DecodeObject(request.OldInputs ?? request.Olds);
        var changes = PropertyComparer.Compare(olds, PropertyCodec.DecodeObject(request.News));
        return Task.FromResult(ToWire(new DiffAnswer([.. changes.Select(change => new DiffEntry(change.Path, change.Kind, Replaces: false, IsInput: true))], DeleteBeforeReplace: false, Stables: [], Warnings: [])));
    }

    public Task<ConfigureResponse> Configure(ConfigureRequest request, Operation operation)
    {
        operation.Urn = request.Urn;
        var given = request.Args is null
            ? new ObjectValue(request.Variables
                .Where(variable => variable.Key.StartsWith(VariablePrefix, StringComparison.Ordinal))
                .Select(variable => KeyValuePair.Create(variable.Key[VariablePrefix.Length..], PropertyCodec.Decode(Value.ForString(variable.Value)))))
            : PropertyCodec.DecodeObject(request.Args);
        _configuration = ProviderConfiguration.Read(given);
        return Task.FromResult(new ConfigureResponse
        {
            AcceptSecrets = true,
            AcceptResources = true,
            AcceptOutputs = true,
            SupportsPreview = true,
            SupportsAutonamingConfiguration = true,
        });
    }
}
