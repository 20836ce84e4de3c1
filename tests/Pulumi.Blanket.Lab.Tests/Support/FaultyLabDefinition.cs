namespace Pulumi.Blanket.Lab.Tests;

[CollectionDefinition(nameof(FaultyLab))]
public sealed class FaultyLabDefinition : ICollectionFixture<FaultyLab>;
