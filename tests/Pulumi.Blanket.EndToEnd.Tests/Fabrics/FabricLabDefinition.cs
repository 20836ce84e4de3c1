namespace Pulumi.Blanket.EndToEnd.Tests.Fabrics;

[CollectionDefinition(nameof(FabricLab))]
public sealed class FabricLabDefinition : ICollectionFixture<FabricLab>;
