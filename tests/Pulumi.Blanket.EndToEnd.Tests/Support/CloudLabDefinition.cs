namespace Pulumi.Blanket.EndToEnd.Tests;

[CollectionDefinition(nameof(CloudLab))]
public sealed class CloudLabDefinition : ICollectionFixture<CloudLab>;
