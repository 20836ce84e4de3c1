using Pulumi.Blanket.Lab.Machine;

[assembly: AssemblyFixture(typeof(Pulumi.Blanket.Lab.Tests.Support.OneRunAtATime))]

namespace Pulumi.Blanket.Lab.Tests.Support;

/// <summary>These tests give their labs fixed names, so that each run clears away what a killed one left: a second run on the machine waits.</summary>
public sealed class OneRunAtATime : IAsyncLifetime
{
    private LabLock? _lock;

    public async ValueTask InitializeAsync() => _lock = await LabLock.TakeAsync($"tests of {SharedLab.Paths.Root}", CancellationToken.None);

    public ValueTask DisposeAsync()
    {
        _lock?.Dispose();
        return ValueTask.CompletedTask;
    }
}
