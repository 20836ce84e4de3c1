namespace Pulumi.Blanket.EndToEnd.Tests;

[CollectionDefinition(nameof(MachineLab))]
public sealed class MachineLabDefinition : ICollectionFixture<MachineLab>;
