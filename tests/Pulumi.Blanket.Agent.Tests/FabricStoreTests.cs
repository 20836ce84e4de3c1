using Pulumi.Blanket.Agent.Fabrics;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>What a host knows of its fabric, before and after it left it.</summary>
public sealed class FabricStoreTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("blanket-state-").FullName;

    [Fact]
    public async Task AnAnswerThatComesAfterItLeftDoesNotBringItBack()
    {
        var facts = FabricChange.Apply(null, FabricChangeTests.Founding("a", "b"), "a");
        var newer = facts.Clone();
        newer.Version++;
        using FabricStore store = new(_state);
        await store.TakeAsync(facts);
        Assert.Equal(newer, await store.CatchUpAsync(newer));
        await store.ForgetAsync();
        newer.Version++;
        Assert.Null(await store.CatchUpAsync(newer));
        Assert.Null(store.Current);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_state));

        // Whoever has root there may let it in again.
        await store.TakeAsync(newer);
        Assert.Equal(newer, store.Current);
    }

    [Fact]
    public async Task KeysOfFabricsThatNeverCameToBeAreRemoved()
    {
        var facts = FabricChange.Apply(null, FabricChangeTests.Founding("a"), "a");
        foreach (var folder in new[] { "account", "pool", "never0came0to", "wanted0fabric" })
        {
            Directory.CreateDirectory(Path.Combine(_state, folder));
            await File.WriteAllTextAsync(Path.Combine(_state, folder, "tls.key"), "", TestContext.Current.CancellationToken);
        }

        using (FabricStore store = new(_state))
        {
            await store.TakeAsync(facts);
        }

        using FabricStore again = new(_state);
        await again.SweepAsync(wanted: "wanted0fabric");
        Assert.Equal(["account", "fabric01", "pool", "wanted0fabric"], Directory.EnumerateDirectories(_state).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(facts, again.Current);
    }

    public void Dispose() => Directory.Delete(_state, recursive: true);
}
