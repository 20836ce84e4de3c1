namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

[CollectionDefinition(nameof(MachineLab))]
public sealed class MachineLabDefinition : ICollectionFixture<MachineLab>;
