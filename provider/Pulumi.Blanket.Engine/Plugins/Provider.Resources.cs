using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>The life of a provider's resources.</summary>
internal sealed partial class Provider
{
    public async Task<CheckedInputs> CheckAsync(string urn, ObjectValue olds, ObjectValue news, ReadOnlyMemory<byte> seed)
    {
        var response = await CallAsync(Client.CheckAsync, new CheckRequest
        {
            Urn = urn,
            Name = Urn.NameOf(urn),
            Type = Urn.TypeOf(urn),
            Olds = Encode(olds),
            News = Encode(news),
            RandomSeed = UnsafeByteOperations.UnsafeWrap(seed),
        });
        var inputs = PropertyCodec.DecodeObject(response.Inputs);
        return new CheckedInputs(_acceptsSecrets ? inputs : Secrets.CloseAs(inputs, news), [.. response.Failures.Select(failure => (failure.Property, failure.Reason))]);
    }

    public async Task<ResourceDiff> DiffAsync(ResourceState old, ObjectValue news, IEnumerable<string> ignoreChanges)
    {
        DiffRequest request = new()
        {
            Id = old.Id,
            Urn = old.Urn,
            Name = Urn.NameOf(old.Urn),
            Type = Urn.TypeOf(old.Urn),
            Olds = Encode(old.Outputs),
            OldInputs = Encode(old.Inputs),
            News = Encode(news),
        };
        request.IgnoreChanges.AddRange(ignoreChanges);
        return DiffFrom(await CallAsync(Client.DiffAsync, request));
    }

    /// <summary>The id (empty in a preview), the outputs, and whether the provider wants to be asked before every update.</summary>
    public async Task<(string Id, ObjectValue Outputs, bool RefreshBeforeUpdate)> CreateAsync(string urn, ObjectValue inputs, double timeout, bool preview, StatusTarget status)
    {
        var response = await CallAsync(Client.CreateAsync, new CreateRequest
        {
            Urn = urn,
            Name = Urn.NameOf(urn),
            Type = Urn.TypeOf(urn),
            Properties = Encode(inputs),
            Timeout = timeout,
            Preview = preview,
            ResourceStatusAddress = status.Address,
            ResourceStatusToken = status.Token,
        });
        return (response.Id, Outputs(response.Properties, inputs), response.RefreshBeforeUpdate);
    }

    public async Task<(ObjectValue Outputs, bool RefreshBeforeUpdate)> UpdateAsync(
        ResourceState old, ObjectValue news, double timeout, IEnumerable<string> ignoreChanges, bool preview, StatusTarget status, IEnumerable<View> oldViews)
    {
        UpdateRequest request = new()
        {
            Id = old.Id,
            Urn = old.Urn,
            Name = Urn.NameOf(old.Urn),
            Type = Urn.TypeOf(old.Urn),
            Olds = Encode(old.Outputs),
            OldInputs = Encode(old.Inputs),
            News = Encode(news),
            Timeout = timeout,
            Preview = preview,
            ResourceStatusAddress = status.Address,
            ResourceStatusToken = status.Token,
        };
        request.IgnoreChanges.AddRange(ignoreChanges);
        request.OldViews.AddRange(oldViews);
        var response = await CallAsync(Client.UpdateAsync, request);
        return (Outputs(response.Properties, news), response.RefreshBeforeUpdate);
    }

    public async Task DeleteAsync(ResourceState old, double timeout, StatusTarget status, IEnumerable<View> oldViews)
    {
        DeleteRequest request = new()
        {
            Id = old.Id,
            Urn = old.Urn,
            Name = Urn.NameOf(old.Urn),
            Type = Urn.TypeOf(old.Urn),
            Properties = Encode(old.Outputs),
            OldInputs = Encode(old.Inputs),
            Timeout = timeout,
            ResourceStatusAddress = status.Address,
            ResourceStatusToken = status.Token,
        };
        request.OldViews.AddRange(oldViews);
        await CallAsync(Client.DeleteAsync, request);
    }

    /// <summary>Reads a resource; a null state and null inputs are an import.</summary>
    public async Task<ReadAnswer> ReadAsync(string urn, string id, ObjectValue? state, ObjectValue? inputs, double timeout, StatusTarget status, IEnumerable<View> oldViews)
    {
        ReadRequest request = new()
        {
            Id = id,
            Urn = urn,
            Name = Urn.NameOf(urn),
            Type = Urn.TypeOf(urn),
            Properties = state is null ? null : Encode(state),
            Inputs = inputs is null ? null : Encode(inputs),
            Timeout = timeout,
            ResourceStatusAddress = status.Address,
            ResourceStatusToken = status.Token,
        };
        request.OldViews.AddRange(oldViews);
        try
        {
            var response = await CallAsync(Client.ReadAsync, request);
            return new ReadAnswer(response.Id, PropertyCodec.DecodeObject(response.Properties), response.Inputs is null ? null : PropertyCodec.DecodeObject(response.Inputs), response.RefreshBeforeUpdate, []);
        }
        catch (ProviderCallException fault) when (fault.Made is { } half)
        {
            return new ReadAnswer(half.Id, half.Outputs, half.Inputs, half.RefreshBeforeUpdate, half.Reasons);
        }
    }

    public async Task<(ObjectValue Result, IReadOnlyList<CheckFailure> Failures)> InvokeAsync(string token, ObjectValue arguments, bool preview)
    {
        var response = await CallAsync(Client.InvokeAsync, new InvokeRequest { Tok = token, Args = PropertyCodec.EncodeObject(arguments), Preview = preview });
        return (PropertyCodec.DecodeObject(response.Return), response.Failures);
    }

    public async Task<ConstructResponse> ConstructAsync(ConstructRequest request) => await CallAsync(Client.ConstructAsync, request);

    public async Task<CallResponse> CallMethodAsync(CallRequest request) => await CallAsync(Client.CallAsync, request);

    private static ResourceDiff DiffFrom(DiffResponse response) => new(
        response.Changes switch
        {
            DiffResponse.Types.DiffChanges.DiffNone => ResourceDiff.Answer.None,
            DiffResponse.Types.DiffChanges.DiffSome => ResourceDiff.Answer.Some,
            _ => ResourceDiff.Answer.Unknown,
        },
        [.. response.Diffs],
        [.. response.Replaces],
        [.. response.Stables],
        response.DeleteBeforeReplace,
        response.HasDetailedDiff ? ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, response.DetailedDiff) : null);

    private Struct Encode(ObjectValue value) => PropertyCodec.EncodeObject(_acceptsSecrets ? value : Secrets.Open(value));

    private ObjectValue Outputs(Struct? wire, ObjectValue inputs)
    {
        var outputs = PropertyCodec.DecodeObject(wire);
        return _acceptsSecrets ? outputs : Secrets.CloseAs(outputs, inputs);
    }
}
