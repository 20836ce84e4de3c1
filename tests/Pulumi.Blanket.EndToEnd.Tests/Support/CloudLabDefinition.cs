namespace Pulumi.Blanket.EndToEnd.Tests.Support;

[CollectionDefinition(nameof(CloudLab))]
public sealed class CloudLabDefinition : ICollectionFixture<CloudLab>;
