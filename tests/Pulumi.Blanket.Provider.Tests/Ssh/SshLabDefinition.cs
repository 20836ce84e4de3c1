namespace Pulumi.Blanket.Provider.Tests.Ssh;

[CollectionDefinition(nameof(SshLab))]
public sealed class SshLabDefinition : ICollectionFixture<SshLab>;
