namespace Pulumi.Blanket.EndToEnd.Tests.Moving;

[CollectionDefinition(nameof(DepartureLab))]
public sealed class DepartureLabDefinition : ICollectionFixture<DepartureLab>;
