using Pulumi.Blanket.Agent.Fabrics;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>A lock has one holder, the next in line comes after it, and who gives up waiting is not in the way.</summary>
public sealed class FabricLocksTests
{
    [Fact]
    public async Task OneAtATimeInOrder()
    {
        FabricLocks locks = new();
        var token = TestContext.Current.CancellationToken;
        var first = await locks.HoldAsync("fabric", "alice", _ => Task.CompletedTask, token);
        List<string> told = [];
        using CancellationTokenSource impatient = new();
        var second = locks.HoldAsync("fabric", "bob", Tell, impatient.Token);
        var third = locks.HoldAsync("fabric", "carol", Tell, token);
        using var other = await locks.HoldAsync("vm", "dave", Tell, token);
        Assert.Equal(["alice", "alice"], told);
        Assert.False(second.IsCompleted || third.IsCompleted);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(third.IsCompleted);
        first.Dispose();
        first.Dispose();
        (await third).Dispose();
        using var again = await locks.HoldAsync("fabric", "alice", Tell, token);
        Assert.Equal(2, told.Count);

        Task Tell(string holder)
        {
            told.Add(holder);
            return Task.CompletedTask;
        }
    }
}
