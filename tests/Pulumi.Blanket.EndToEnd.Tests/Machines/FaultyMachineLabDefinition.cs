namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

[CollectionDefinition(nameof(FaultyMachineLab))]
public sealed class FaultyMachineLabDefinition : ICollectionFixture<FaultyMachineLab>;
