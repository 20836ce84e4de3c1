namespace Pulumi.Blanket.Lab.Tests;

[CollectionDefinition(nameof(QuietLab))]
public sealed class QuietLabDefinition : ICollectionFixture<QuietLab>;
