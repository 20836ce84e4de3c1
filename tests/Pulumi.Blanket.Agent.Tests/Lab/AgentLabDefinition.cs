namespace Pulumi.Blanket.Agent.Tests.Lab;

[CollectionDefinition(nameof(AgentLab))]
public sealed class AgentLabDefinition : ICollectionFixture<AgentLab>;
