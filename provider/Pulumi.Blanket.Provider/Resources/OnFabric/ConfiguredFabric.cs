using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Resources.Fabric;

namespace Pulumi.Blanket.Provider.Resources.OnFabric;

/// <summary>The fabric that the provider's configuration names, for imports and lists.</summary>
internal static class ConfiguredFabric
{
    private const string Remedy = "`pulumi config set --secret blanket:fabric \"$(pulumi stack output <name> --show-secrets --json)\"`, of a stack that exports the `connection` of its Fabric";

    /// <exception cref="ProviderException">There is none, or what is there is no connection.</exception>
    public static FabricConnection Get(ProviderConfiguration configuration)
    {
        if (configuration.Settings.Fabric is not { } configured)
        {
            throw new ProviderException(FailureReason.BadInput, $"which fabric it is on is not known: the provider's setting `fabric` is missing; give it by {Remedy}");
        }

        return configured is { FabricId.Length: > 0, Entries.Count: > 0 }
            ? configured
            : throw new ProviderException(FailureReason.BadInput, $"the provider's setting `fabric` is no connection of a Fabric; give it by {Remedy}");
    }

    /// <summary>The fabric and the key that an import's id names: <c>fabric/key</c>, or the key alone.</summary>
    /// <exception cref="ProviderException">It is on another fabric than the configured one.</exception>
    public static (FabricConnection Fabric, string Key) Find(ProviderConfiguration configuration, string id)
    {
        var fabric = Get(configuration);
        var item = FabricItemId.Parse(id);
        return item.Key.Length == 0
            ? throw new ProviderException(FailureReason.BadInput, $"'{id}' is no import id; give `<fabric id>/<id or name>`, here starting with '{fabric.FabricId}/'")
            : item.FabricId.Length == 0 || item.FabricId == fabric.FabricId
            ? (fabric, item.Key)
            : throw new ProviderException(FailureReason.BadInput,
                $"'{id}' is on the fabric {item.FabricId}, and the provider's setting `fabric` leads to {fabric.FabricId}; set it to the `connection` of the other one");
    }
}
