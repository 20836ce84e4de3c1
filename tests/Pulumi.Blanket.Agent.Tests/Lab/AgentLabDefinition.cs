namespace Pulumi.Blanket.Agent.Tests;

[CollectionDefinition(nameof(AgentLab))]
public sealed class AgentLabDefinition : ICollectionFixture<AgentLab>;
