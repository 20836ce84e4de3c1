using Pulumi.Blanket.Provider.Resources.Fabric;

namespace Pulumi.Blanket.Provider.Resources.OnFabric;

/// <summary>Inputs of what is on a fabric.</summary>
internal interface IOnFabric
{
    string? Name { get; }

    /// <summary>Null where it is not known yet, in previews.</summary>
    FabricConnection Fabric { get; }
}
