namespace Pulumi.Blanket.EndToEnd.Tests.Hosts;

[CollectionDefinition(nameof(HostLab))]
public sealed class HostLabDefinition : ICollectionFixture<HostLab>;
