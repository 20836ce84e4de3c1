namespace Pulumi.Blanket.EndToEnd.Tests.Moving;

[CollectionDefinition(nameof(MovingLab))]
public sealed class MovingLabDefinition : ICollectionFixture<MovingLab>;
