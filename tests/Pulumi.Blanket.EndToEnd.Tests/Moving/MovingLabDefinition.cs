namespace Pulumi.Blanket.EndToEnd.Tests;

[CollectionDefinition(nameof(MovingLab))]
public sealed class MovingLabDefinition : ICollectionFixture<MovingLab>;
