namespace Pulumi.Blanket.Lab.Tests;

[CollectionDefinition(nameof(SharedLab))]
public sealed class SharedLabDefinition : ICollectionFixture<SharedLab>;
