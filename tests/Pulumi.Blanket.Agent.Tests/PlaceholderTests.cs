namespace Pulumi.Blanket.Agent.Tests;
