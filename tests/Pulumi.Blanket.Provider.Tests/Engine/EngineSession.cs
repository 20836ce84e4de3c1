using Google.Protobuf;
using Grpc.Core;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using RpcStatus = Google.Rpc.Status;

namespace Pulumi.Blanket.Provider.Tests.Engine;

/// <summary>Speaks to a plugin as the engine does, with property values in place of messages where that reads better.</summary>
internal sealed class EngineSession(ChannelBase channel)
{
    private string _engineAddress = "";

    public ResourceProvider.ResourceProviderClient Client { get; } = new(channel);

    public static string UrnOf(string type, string name) => $"urn:pulumi:dev::test::{type}::{name}";

    public async Task<ProviderHandshakeResponse> HandshakeAsync(string engineAddress)
    {
        _engineAddress = engineAddress;
        return await Client.HandshakeAsync(new ProviderHandshakeRequest
        {
            EngineAddress = engineAddress,
            ConfigureWithUrn = true,
            SupportsViews = true,
            SupportsRefreshBeforeUpdate = true,
            InvokeWithPreview = true,
            AcceptsByteString = true,
        });
    }

    public async Task<ConfigureResponse> ConfigureAsync(ObjectValue settings) => await Client.ConfigureAsync(new ConfigureRequest
    {
        Args = PropertyCodec.EncodeObject(settings),
        AcceptSecrets = true,
        AcceptResources = true,
        SendsOldInputs = true,
        SendsOldInputsToDelete = true,
    });

    public async Task<CheckResponse> CheckAsync(string type, string name, ObjectValue news, ObjectValue? olds = null, CheckRequest.Types.AutonamingOptions? naming = null, string seed = "seed")
        => await Client.CheckAsync(new CheckRequest
        {
            Urn = UrnOf(type, name),
            Type = type,
            Name = name,
            News = PropertyCodec.EncodeObject(news),
            Olds = PropertyCodec.EncodeObject(olds ?? ObjectValue.Empty),
            RandomSeed = ByteString.CopyFromUtf8(seed + type + name),
            Autonaming = naming,
        });

    /// <summary>The inputs that Check keeps, which must find no fault.</summary>
    public async Task<ObjectValue> CheckedAsync(string type, string name, ObjectValue news, ObjectValue? olds = null)
    {
        var response = await CheckAsync(type, name, news, olds);
        Assert.Empty(response.Failures);
        return PropertyCodec.DecodeObject(response.Inputs);
    }

    public async Task<DiffResponse> DiffAsync(string type, string name, string id, ObjectValue oldInputs, ObjectValue oldState, ObjectValue news) => await Client.DiffAsync(new DiffRequest
    {
        Id = id,
        Urn = UrnOf(type, name),
        Type = type,
        Name = name,
        OldInputs = PropertyCodec.EncodeObject(oldInputs),
        Olds = PropertyCodec.EncodeObject(oldState),
        News = PropertyCodec.EncodeObject(news),
    });

    public async Task<CreateResponse> CreateAsync(string type, string name, ObjectValue inputs, bool preview = false, double timeout = 0)
        => await Client.CreateAsync(new CreateRequest
        {
            Urn = UrnOf(type, name),
            Type = type,
            Name = name,
            Properties = PropertyCodec.EncodeObject(inputs),
            Preview = preview,
            Timeout = timeout,
            ResourceStatusAddress = _engineAddress,
            ResourceStatusToken = "token",
        });

    public async Task<ReadResponse> ReadAsync(string type, string name, string id, ObjectValue? inputs = null, ObjectValue? state = null) => await Client.ReadAsync(new ReadRequest
    {
        Id = id,
        Urn = UrnOf(type, name),
        Type = type,
        Name = name,
        Inputs = inputs is null ? null : PropertyCodec.EncodeObject(inputs),
        Properties = state is null ? null : PropertyCodec.EncodeObject(state),
        ResourceStatusAddress = _engineAddress,
        ResourceStatusToken = "token",
    });

    public async Task<UpdateResponse> UpdateAsync(string type, string name, string id, ObjectValue oldInputs, ObjectValue oldState, ObjectValue news, bool preview = false, double timeout = 0)
        => await Client.UpdateAsync(new UpdateRequest
        {
            Id = id,
            Urn = UrnOf(type, name),
            Type = type,
            Name = name,
            OldInputs = PropertyCodec.EncodeObject(oldInputs),
            Olds = PropertyCodec.EncodeObject(oldState),
            News = PropertyCodec.EncodeObject(news),
            Preview = preview,
            Timeout = timeout,
            ResourceStatusAddress = _engineAddress,
            ResourceStatusToken = "token",
        });

    public async Task DeleteAsync(string type, string name, string id, ObjectValue inputs, ObjectValue state) => await Client.DeleteAsync(new DeleteRequest
    {
        Id = id,
        Urn = UrnOf(type, name),
        Type = type,
        Name = name,
        OldInputs = PropertyCodec.EncodeObject(inputs),
        Properties = PropertyCodec.EncodeObject(state),
        ResourceStatusAddress = _engineAddress,
        ResourceStatusToken = "token",
    });

    /// <summary>What List names of a type.</summary>
    /// <param name="limit">0 is none.</param>
    public async Task<IReadOnlyList<(string Id, string Name)>> ListAsync(string type, long limit = 0)
    {
        using var call = Client.List(new ListRequest { Token = type, Limit = limit }, cancellationToken: TestContext.Current.CancellationToken);
        List<(string, string)> listed = [];
        await foreach (var response in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            listed.Add((response.Result.Id, response.Result.Name));
        }

        return listed;
    }

    /// <summary>The state that came with a partial failure; null where none did.</summary>
    public static ErrorResourceInitFailed? PartialFailure(RpcException fault)
    {
        var bytes = fault.Trailers.GetValueBytes("grpc-status-details-bin");
        var detail = bytes is null ? null : RpcStatus.Parser.ParseFrom(bytes).Details.SingleOrDefault(detail => detail.Is(ErrorResourceInitFailed.Descriptor));
        return detail?.Unpack<ErrorResourceInitFailed>();
    }
}
