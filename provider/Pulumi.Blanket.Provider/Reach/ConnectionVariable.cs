using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Resources.Fabric;

namespace Pulumi.Blanket.Provider.Reach;

/// <summary>The environment variable with a fabric's connection: a secret, which must not stand among arguments, where others on the machine see it.</summary>
internal static class ConnectionVariable
{
    public const string Name = "BLANKET_FABRIC";

    private const string Remedy = "give it the `connection` of the Fabric, as `pulumi stack output <name> --show-secrets --json` prints it";

    private static readonly Lazy<RecordCodec<FabricConnection>> Codec = new(static () => new RecordCodec<FabricConnection>(FabricJson.Default.FabricConnection));

    /// <param name="text">The connection as JSON, as a stack's output or as a state has it.</param>
    /// <exception cref="ProviderException">It is none; the message has nothing of what was given.</exception>
    public static FabricConnection Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new ProviderException(FailureReason.BadInput, $"the environment variable {Name} is not set; {Remedy}");
        }

        var value = Parse(text);

        // A secret output's value may be a JSON text in a JSON text.
        return (value is StringValue inner ? Parse(inner.Text) : value) is ObjectValue given && TryDecode(given) is { } fabric
            ? fabric
            : throw new ProviderException(FailureReason.BadInput, $"the environment variable {Name} is no connection of a Fabric; {Remedy}");
    }

    private static FabricConnection? TryDecode(ObjectValue given)
    {
        try
        {
            return Codec.Value.Decode(given) is { FabricId.Length: > 0, Account.Length: > 0, PrivateKey.Length: > 0, Entries.Count: > 0 } fabric
                && fabric.Entries.All(static entry => entry is { Address.Length: > 0, HostKey.Length: > 0 })
                ? fabric
                : null;
        }
        catch (ProviderException)
        {
            return null; // a property is of another type
        }
    }

    private static PropertyValue? Parse(string text)
    {
        try
        {
            return JsonValues.Parse(text)?.Bare;
        }
        catch (ProtocolException)
        {
            return null;
        }
    }
}
