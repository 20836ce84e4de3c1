using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Moving;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>A file that can't be read stops who needs it, and says which it is; the agent stays up, and goes on where it was before once the file is restored.</summary>
public sealed class DamagedRecordTests : IAsyncLifetime
{
    private const string Broken = "11111111-2222-3333-4444-555555555555";
    private const string Whole = "66666666-7777-8888-9999-000000000000";

    private readonly string _state = Directory.CreateTempSubdirectory("blanket-state-").FullName;
    private FabricFacts _facts = null!;

    private string FactsFile => Path.Combine(_state, _facts.FabricId, "fabric.json");

    private string Moves => Path.Combine(_state, _facts.FabricId, "moves");

    public static TheoryData<string> Damage => ["", "{", "\0\0\0\0", "[]", """{ "order": 5 }"""];

    public async ValueTask InitializeAsync()
    {
        _facts = FabricChange.Apply(null, FabricChangeTests.Founding("a", "b"), "a");
        using FabricStore store = new(_state);
        await store.TakeAsync(_facts);
        Directory.CreateDirectory(Moves);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_state, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Damage))]
    public async Task FactsThatAreDamagedAreNoFabricLeft(string content)
    {
        var whole = await File.ReadAllTextAsync(FactsFile, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(FactsFile, content, TestContext.Current.CancellationToken);
        using FabricStore store = new(_state);
        var newer = _facts.Clone();
        newer.Version++;
        Names(Assert.Throws<AgentException>(() => store.Current));
        Names(await Assert.ThrowsAsync<AgentException>(() => store.TakeAsync(newer)));
        Names(await Assert.ThrowsAsync<AgentException>(() => store.CatchUpAsync(newer)));
        Names(await Assert.ThrowsAsync<AgentException>(() => store.ForgetAsync()));
        Names(await Assert.ThrowsAsync<AgentException>(() => store.SweepAsync("another0fabric")));
        Names(await Assert.ThrowsAsync<AgentException>(() => store.ChangeRegistryAsync("a", static _ => throw new InvalidOperationException("it may not be called"))));
        Assert.Equal(content, await File.ReadAllTextAsync(FactsFile, TestContext.Current.CancellationToken));

        await File.WriteAllTextAsync(FactsFile, whole, TestContext.Current.CancellationToken);
        Assert.Equal(_facts, store.Current);
        Assert.Equal(newer, await store.TakeAsync(newer));

        void Names(AgentException fault) => Assert.Contains(FactsFile, fault.Message, StringComparison.Ordinal);
    }

    /// <summary>Who loses the facts alone is still a member, and has to be told so: its machines would be nobody's.</summary>
    [Fact]
    public async Task FactsThatAreLostAreNoFabricLeft()
    {
        MakeKeys();
        await File.WriteAllTextAsync(Path.Combine(Moves, $"{Whole}.json"), "{}", TestContext.Current.CancellationToken);
        File.Delete(FactsFile);
        using FabricStore store = new(_state);
        Assert.Contains($"{FactsFile} is missing", Assert.Throws<AgentException>(() => store.Current).Message, StringComparison.Ordinal);
        var another = _facts.Clone();
        another.FabricId = "another0fabric";
        await Assert.ThrowsAsync<AgentException>(() => store.TakeAsync(another));
        await Assert.ThrowsAsync<AgentException>(() => store.CatchUpAsync(_facts));

        // One that is there again and can't be read is no lost one: nobody writes over it.
        await File.WriteAllTextAsync(FactsFile, "{", TestContext.Current.CancellationToken);
        Assert.Contains("is damaged", Assert.Throws<AgentException>(() => store.Current).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<AgentException>(() => store.TakeAsync(_facts));
        File.Delete(FactsFile);
        using FabricStore again = new(_state);
        Assert.Equal(_facts, await again.TakeAsync(_facts)); // by root's word, in an update of the Fabric
        Assert.Equal(_facts, again.Current);
        Directory.CreateDirectory(Path.Combine(_state, $"{_facts.FabricId}.left", "moves")); // of an earlier leave
        await again.ForgetAsync();
        Assert.Empty(Directory.GetDirectories(_state));
    }

    /// <summary>A join that was cut is repeated, and what a leave that was cut has left goes with the agent's next start.</summary>
    [Fact]
    public void WhatWasCutIsNoFabric()
    {
        MakeKeys();
        Directory.Delete(Moves);
        File.Move(FactsFile, FactsFile + ".new");
        Directory.CreateDirectory(Path.Combine(_state, "former00fabric.left", "moves"));
        using FabricStore store = new(_state);
        Assert.Null(store.Current);
        Assert.Equal([_facts.FabricId], Directory.GetDirectories(_state).Select(Path.GetFileName));
    }

    private void MakeKeys()
    {
        foreach (var name in new[] { "wireguard.key", "tls.key" })
        {
            File.WriteAllText(Path.Combine(_state, _facts.FabricId, name), "");
        }
    }

    [Theory]
    [MemberData(nameof(Damage))]
    [InlineData("{}")]
    [InlineData("""{ "order": { "uuid": "66666666-7777-8888-9999-000000000000" } }""")]
    public async Task AMoveWhoseRecordIsDamagedStaysUndecidedAndOthersGoOn(string content)
    {
        using FabricStore fabrics = new(_state);
        new MoveStore(fabrics).Write(Record(Whole, MovePhase.HandedOver));
        var path = Path.Combine(Moves, $"{Broken}.json");
        await File.WriteAllTextAsync(path, content, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.ChangeExtension(path, ".spare"), "", TestContext.Current.CancellationToken);

        MoveStore store = new(fabrics);
        Assert.True(store.IsUndecided(Broken));
        Assert.False(store.IsElsewhere(Broken)); // it may be here alone, and what nobody lists would be made anew
        Assert.Throws<AgentException>(() => store.Find(Broken));
        Assert.Throws<AgentException>(() => store.Write(Record(Broken, MovePhase.Expected)));
        Assert.Throws<AgentException>(() => store.UsedImages.ToList());
        Assert.Throws<AgentException>(store.RefuseDamage);
        Assert.Contains(Broken, Assert.Single(store.Damage), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.ChangeExtension(path, ".spare")));

        Assert.Equal(Whole, Assert.Single(store.Open).Order.Uuid);
        Assert.True(store.IsElsewhere(Whole));
        store.Close(store.Find(Whole)!);
        Assert.Empty(store.Open);
    }

    [Fact]
    public async Task AMoveGoesOnOnceItsRecordIsRestoredOrRemoved()
    {
        using FabricStore fabrics = new(_state);
        var path = Path.Combine(Moves, $"{Broken}.json");
        await File.WriteAllTextAsync(path, "{", TestContext.Current.CancellationToken);
        MoveStore store = new(fabrics);
        Assert.True(store.IsUndecided(Broken));
        RegistryFile.Write(path, Record(Broken, MovePhase.HandedOver));
        Assert.Equal(MovePhase.HandedOver, store.Find(Broken)!.Phase);
        Assert.Empty(store.Damage);
        Assert.Single(store.Open);

        await File.WriteAllTextAsync(path, "{", TestContext.Current.CancellationToken);
        store = new(fabrics);
        Assert.Single(store.Damage);
        File.Delete(path);
        Assert.False(store.IsUndecided(Broken));
        Assert.Null(store.Find(Broken));
    }

    [Fact]
    public async Task MovesAreReadOnceTheFabricIsKnown()
    {
        using (FabricStore fabrics = new(_state))
        {
            new MoveStore(fabrics).Write(Record(Whole, MovePhase.Copying));
        }

        var whole = await File.ReadAllTextAsync(FactsFile, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(FactsFile, "{", TestContext.Current.CancellationToken);
        using FabricStore damaged = new(_state);
        MoveStore store = new(damaged);
        Assert.Throws<AgentException>(() => store.IsUndecided(Whole));
        await File.WriteAllTextAsync(FactsFile, whole, TestContext.Current.CancellationToken);
        Assert.True(store.IsUndecided(Whole));
    }

    private MoveRecord Record(string uuid, MovePhase phase) => new() { Order = new MoveOrder { Uuid = uuid, FabricId = _facts.FabricId, Number = "1", Spec = new MachineSpec { Name = "vm" } }, Phase = phase };
}
