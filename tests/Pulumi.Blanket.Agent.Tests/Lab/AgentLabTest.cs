using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Agent.Tests.Lab;

/// <summary>A test on the lab's hosts, which finds them without an agent, whatever the one before it left behind when it failed.</summary>
public abstract class AgentLabTest(AgentLab lab) : IAsyncLifetime
{
    protected AgentLab Lab { get; } = lab;

    public async ValueTask InitializeAsync()
    {
        if (LabAvailability.Reason is null)
        {
            await Lab.TakeAllBackAsync();
        }
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
