namespace Pulumi.Blanket.EndToEnd.Tests;

[CollectionDefinition(nameof(FaultyMachineLab))]
public sealed class FaultyMachineLabDefinition : ICollectionFixture<FaultyMachineLab>;
