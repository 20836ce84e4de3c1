using System.Collections.Immutable;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Engine.Tests.Support;

namespace Pulumi.Blanket.Engine.Tests.States;

/// <summary>Which states are whole, and what becomes of one that is not.</summary>
public sealed class SnapshotIntegrityTests
{
    private static readonly ResourceState Stack = new() { Urn = Urn.StackOf("dev", "shop"), Type = Urn.StackType };
    private static readonly ResourceState Provider = new() { Urn = UrnOf("pulumi:providers:t", "default"), Type = "pulumi:providers:t", Custom = true, Id = "1" };
    private static readonly ResourceState First = Thing("a");
    private static readonly ResourceState Second = Thing("b") with { Dependencies = [First.Urn], PropertyDependencies = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty.Add("x", [First.Urn]), DeletedWith = First.Urn };

    public static TheoryData<string, string[]> Faulty => new()
    {
        { "a stands before its provider", ["a", "provider"] },
        { "of a is not there", ["a"] },
        { "b stands before a, on which it depends", ["provider", "b", "a"] },
        { "a, on which its input x depends of b, is not there", ["provider", "b"] },
        { "a, with which it is deleted of b, is not there", ["provider", "b"] },
        { "a is there twice", ["provider", "a", "a"] },
        { "a is there twice", ["provider", "a deleted", "a"] },
    };

    [Fact]
    public void A_state_in_order_is_whole()
    {
        Assert.Empty(SnapshotIntegrity.FaultsOf(Snapshot.Empty));
        Assert.Empty(SnapshotIntegrity.FaultsOf(Of("provider", "a", "b", "a deleted")));
        Assert.Empty(SnapshotIntegrity.FaultsOf(new Snapshot { Resources = [Stack, Provider with { Parent = Stack.Urn }] }));
        Assert.Contains("its parent", Assert.Single(SnapshotIntegrity.FaultsOf(new Snapshot { Resources = [Provider with { Parent = Stack.Urn }] })), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Faulty))]
    public async Task What_is_wrong_is_told_and_never_written(string fault, string[] resources)
    {
        var state = Of(resources);
        Assert.Contains(SnapshotIntegrity.FaultsOf(state), text => text.Replace("urn:pulumi:dev::shop::t:i:T::", "", StringComparison.Ordinal).Contains(fault, StringComparison.Ordinal));
        using TemporaryFolder folder = new();
        FileBackend backend = new(folder.Path);
        StackReference stack = new("shop", "dev");
        backend.Create(stack, null);
        var before = Directory.GetFiles(folder.Path, "dev.json", SearchOption.AllDirectories).Select(File.ReadAllText).Single();
        await using var writer = backend.OpenWriter(stack, null, null);
        var refused = await Assert.ThrowsAsync<EngineException>(() => writer.WriteAsync(() => state));
        Assert.Contains("would not be whole", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles(folder.Path, "dev.json", SearchOption.AllDirectories).Select(File.ReadAllText).Single());

        // Nothing of it is lost.
        Assert.Contains("t:i:T::", Directory.GetFiles(folder.Path, "dev.json.refused", SearchOption.AllDirectories).Select(File.ReadAllText).Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_order_and_a_missing_name_can_mend_is_mended()
    {
        List<string> removed = [];
        var mended = SnapshotIntegrity.Repair(new Snapshot { Resources = [Second with { Dependencies = [First.Urn, UrnOf("t:i:T", "gone")] }, First with { Parent = UrnOf("t:i:T", "gone") }, Provider, Stack] }, removed.Add);
        Assert.Empty(SnapshotIntegrity.FaultsOf(mended));
        Assert.Equal(4, mended.Resources.Length);
        Assert.Equal(Stack.Urn, mended.Resources.Single(resource => resource.Urn == First.Urn).Parent);
        Assert.Equal(2, removed.Count);

        // A second one of a name is nobody's to choose.
        Assert.NotEmpty(SnapshotIntegrity.FaultsOf(SnapshotIntegrity.Repair(Of("provider", "a", "a"), _ => { })));
    }

    private static Snapshot Of(params IEnumerable<string> names) => new()
    {
        Resources =
        [
            .. names.Select(name => name switch
            {
                "provider" => Provider,
                "a" => First with { },
                "a deleted" => First with { Delete = true },
                _ => Second,
            }),
        ],
    };

    private static ResourceState Thing(string name) => new() { Urn = UrnOf("t:i:T", name), Type = "t:i:T", Custom = true, Id = name, Provider = Provider.ProviderReference };

    private static string UrnOf(string type, string name) => Urn.Of("dev", "shop", null, type, name);
}
