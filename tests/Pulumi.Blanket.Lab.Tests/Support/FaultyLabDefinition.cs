namespace Pulumi.Blanket.Lab.Tests.Support;

[CollectionDefinition(nameof(FaultyLab))]
public sealed class FaultyLabDefinition : ICollectionFixture<FaultyLab>;
