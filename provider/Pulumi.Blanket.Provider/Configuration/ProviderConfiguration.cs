using System.Text.Json;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Resources;
using Pulumi.Blanket.Provider.Resources.Host;

namespace Pulumi.Blanket.Provider.Configuration;

/// <summary>How this instance of the provider is configured.</summary>
internal sealed class ProviderConfiguration
{
    /// <summary>Set to 1: nothing is dialled to read resources.</summary>
    public const string OfflineVariable = "BLANKET_OFFLINE";

    // What the engine and SDKs put among a provider's inputs for themselves.
    private static readonly string[] NotOurs = ["version", "pluginDownloadURL", "pluginChecksums", "__internal"];

    private static readonly Lazy<RecordCodec<ProviderSettings>> LazyCodec = new(() => new RecordCodec<ProviderSettings>(ProviderJson.Default.ProviderSettings));

    private readonly ObjectValue _raw;

    private ProviderConfiguration(ProviderSettings settings, ObjectValue raw)
    {
        Settings = settings;
        _raw = raw;
    }

    /// <summary>Of a provider that was not configured.</summary>
    public static ProviderConfiguration Empty { get; } = new(new ProviderSettings(), ObjectValue.Empty);

    public static ObjectDefinition Definition => LazyCodec.Value.Definition;

    public ProviderSettings Settings { get; }

    /// <summary>Reads dial nothing, and return the state that they got.</summary>
    public bool IsOffline { get; } = Environment.GetEnvironmentVariable(OfflineVariable) == "1";

    /// <summary>False where the setting depends on what does not exist yet; only in previews.</summary>
    /// <param name="property">The record's name for it (<c>nameof</c>).</param>
    public bool Knows(string property) => _raw[JsonNamingPolicy.CamelCase.ConvertName(property)]?.ContainsUnknown != true;

    /// <exception cref="ProviderException">A setting can't be used; the message tells all that can't.</exception>
    public static ProviderConfiguration Read(ObjectValue given)
    {
        var (_, parsed, faults) = Check(given);
        return faults.Count == 0
            ? new ProviderConfiguration(LazyCodec.Value.Decode(parsed), parsed)
            : throw new ProviderException(FailureReason.BadInput, "the provider's configuration can't be used: " + string.Join("; ", faults.Select(fault => fault.Reason)));
    }

    /// <summary>Settings are kept in the form in which they came, and secret ones wrapped; they are checked in the form that they mean.</summary>
    public static (ObjectValue Kept, ObjectValue Parsed, IReadOnlyList<InputFault> Faults) Check(ObjectValue given)
    {
        var (kept, parsed) = (given, ObjectValue.Empty);
        foreach (var (name, value) in given.Properties)
        {
            if (NotOurs.Contains(name))
            {
                continue;
            }

            var setting = Definition.Find(name);
            if (setting is { IsSecret: true } && !value.ContainsSecret && !value.ContainsUnknown && value is not NullValue)
            {
                kept = kept.With(name, new SecretValue(value));
            }

            parsed = parsed.With(name, setting is null ? value : Parse(setting, value));
        }

        List<InputFault> faults = [];
        parsed = InputChecker.Check(Definition, parsed, faults);
        CheckContext<ProviderSettings> check = new(urn: "", ObjectValue.Empty, parsed, LazyCodec.Value, faults);
        LoginValidation.Check(check, check.Inputs.PrivateKey, check.Inputs.PrivateKeyPassword, hostKey: null, proxyJump: null);
        return (kept, parsed, faults);
    }

    // Configuration carries texts only; SDKs write anything else as JSON.
    private static PropertyValue Parse(PropertyDefinition setting, PropertyValue value) => value switch
    {
        SecretValue secret => new SecretValue(Parse(setting, secret.Inner)),
        OutputValue { Inner: { } inner } output => output with { Inner = Parse(setting, inner) },
        StringValue { Text: var text } when setting.Value.Shape is not (ValueShape.Text or ValueShape.Enumeration) && JsonValues.Parse(text) is { } parsed => parsed,
        _ => value,
    };
}
