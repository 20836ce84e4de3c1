namespace Pulumi.Blanket.Provider;

/// <summary>Inputs of what is on a fabric.</summary>
internal interface IOnFabric
{
    string? Name { get; }

    /// <summary>Null where it is not known yet, in previews.</summary>
    FabricConnection Fabric { get; }
}
