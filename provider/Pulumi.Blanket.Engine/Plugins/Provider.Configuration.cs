using Grpc.Core;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>A provider's own settings.</summary>
internal sealed partial class Provider
{
    /// <summary>Where the engine keeps what is its own among a provider's inputs.</summary>
    public const string InternalKey = "__internal";

    private const string VersionKey = "version";

    public async Task<CheckedInputs> CheckConfigAsync(string urn, ObjectValue olds, ObjectValue news)
    {
        CheckRequest request = new() { Urn = urn, Name = Urn.NameOf(urn), Type = Urn.TypeOf(urn), Olds = Plain(olds), News = Plain(news) };
        try
        {
            var response = await CallAsync(Client.CheckConfigAsync, request);

            // The plugin got, and gave back, plain values: what was secret in the program stays secret in the state.
            var inputs = KeepSecrets(PropertyCodec.DecodeObject(response.Inputs), news);
            return new CheckedInputs(news[InternalKey] is { } own ? inputs.With(InternalKey, own) : inputs, [.. response.Failures.Select(failure => (failure.Property, failure.Reason))]);
        }
        catch (ProviderCallException fault) when (fault.Code == StatusCode.Unimplemented)
        {
            return new CheckedInputs(news, []);
        }
    }

    public async Task<ResourceDiff> DiffConfigAsync(string urn, ObjectValue oldInputs, ObjectValue olds, ObjectValue news)
    {
        DiffRequest request = new() { Urn = urn, Name = Urn.NameOf(urn), Type = Urn.TypeOf(urn), Olds = Plain(olds), OldInputs = Plain(oldInputs), News = Plain(news) };
        try
        {
            return DiffFrom(await CallAsync(Client.DiffConfigAsync, request));
        }
        catch (ProviderCallException fault) when (fault.Code == StatusCode.Unimplemented)
        {
            return ResourceDiff.None with { Changes = ResourceDiff.Answer.Unknown };
        }
    }

    /// <summary>Configures the plugin; where settings are unknown it stays unconfigured, and answers nothing but unknowns.</summary>
    /// <param name="id">Unknown in a preview.</param>
    public async Task ConfigureAsync(string urn, PropertyValue id, ObjectValue inputs)
    {
        var settings = inputs.Without(InternalKey);
        if (settings.ContainsUnknown)
        {
            return;
        }

        ConfigureRequest request = new()
        {
            Args = PropertyCodec.EncodeObject(settings),
            AcceptSecrets = true,
            AcceptResources = true,
            SendsOldInputs = true,
            SendsOldInputsToDelete = true,
            Id = PropertyCodec.Encode(id).StringValue,
            Urn = urn,
            Name = Urn.NameOf(urn),
            Type = Urn.TypeOf(urn),
        };
        var package = Urn.TypeOf(urn).Split(':')[^1];
        foreach (var (name, value) in settings.Properties.Where(property => property.Key != VersionKey))
        {
            request.Variables.Add($"{package}:config:{name}", value.Bare is StringValue text ? text.Text : PlainJson.Write(value));
        }

        var response = await CallAsync(Client.ConfigureAsync, request);
        _acceptsSecrets |= response.AcceptSecrets;
        IsConfigured = true;
    }

    private static Google.Protobuf.WellKnownTypes.Struct Plain(ObjectValue settings)
        => PropertyCodec.EncodeObject(new ObjectValue(settings.Without(InternalKey).Properties.Select(property => KeyValuePair.Create(property.Key, Secrets.Open(property.Value)))));

    private static ObjectValue KeepSecrets(ObjectValue inputs, ObjectValue given)
        => new(inputs.Properties.Select(property => KeyValuePair.Create(
            property.Key, given[property.Key] is { ContainsSecret: true } && property.Value is not SecretValue ? new SecretValue(property.Value) : property.Value)));
}
