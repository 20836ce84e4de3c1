namespace Pulumi.Blanket.Lab.Tests.Support;

[CollectionDefinition(nameof(QuietLab))]
public sealed class QuietLabDefinition : ICollectionFixture<QuietLab>;
