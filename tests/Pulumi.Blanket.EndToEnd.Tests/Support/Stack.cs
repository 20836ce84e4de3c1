using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Libvirt.Wire;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Tests;
using Pulumi.Blanket.Provider.Tests.Engine;

namespace Pulumi.Blanket.EndToEnd.Tests.Support;

/// <summary>
/// The steps that an engine takes with a plugin, and the state that it keeps: check, then create or (read,) diff and update; a partial
/// failure is saved. Nothing here knows the provider.
/// </summary>
internal sealed class Stack(PluginProcess plugin) : IAsyncDisposable
{
    private static readonly string[] DeletionOrder = ["VirtualMachine", "Volume", "Image", "Network", "Fabric", "Host"];

    private readonly ConcurrentDictionary<string, StackResource> _resources = [];

    public PluginProcess Plugin { get; private set; } = plugin;

    public StackResource this[string name] => _resources[name];

    public bool Has(string name) => _resources.ContainsKey(name);

    /// <summary>Another plugin process goes on with the same state, as the next command does.</summary>
    public async Task ContinueWithAsync(PluginProcess plugin, ObjectValue settings)
    {
        await Plugin.DisposeAsync();
        Plugin = plugin;
        await plugin.Engine.ConfigureAsync(settings);
    }

    public static string TypeOf(string type) => $"blanket:index:{type}";

    /// <summary>What an `up` does with one resource of the program.</summary>
    public async Task<StackResource> UpAsync(string type, string name, ObjectValue program)
    {
        var token = TypeOf(type);
        if (!_resources.TryGetValue(name, out var old))
        {
            var inputs = await Plugin.Engine.CheckedAsync(token, name, program);
            return await CreateAsync(token, name, inputs);
        }

        if (old.RefreshBeforeUpdate)
        {
            await RefreshAsync(name);
            if (!_resources.TryGetValue(name, out old))
            {
                return await UpAsync(type, name, program);
            }
        }

        var news = await Plugin.Engine.CheckedAsync(token, name, program, old.Inputs);
        var diff = await Plugin.Engine.DiffAsync(token, name, old.Id, old.Inputs, old.State, news);
        if (diff.Changes == DiffResponse.Types.DiffChanges.DiffNone && old.InitErrors.Count == 0)
        {
            return _resources[name] = old with { Inputs = news };
        }

        if (diff.Replaces.Count > 0)
        {
            return await ReplaceAsync(token, name, program, old, diff.DeleteBeforeReplace);
        }

        return await SaveAsync(token, name, news, async () =>
        {
            var updated = await Plugin.Engine.UpdateAsync(token, name, old.Id, old.Inputs, old.State, news);
            return (old.Id, updated.Properties, updated.RefreshBeforeUpdate);
        });
    }

    /// <summary>What a preview says about a resource: the properties that would change; null for a create.</summary>
    public async Task<IReadOnlyList<string>?> PreviewAsync(string type, string name, ObjectValue program)
    {
        var token = TypeOf(type);
        var old = _resources.GetValueOrDefault(name);
        var news = await Plugin.Engine.CheckedAsync(token, name, program, old?.Inputs);
        if (old is null)
        {
            Assert.Empty((await Plugin.Engine.CreateAsync(token, name, news, preview: true)).Id);
            return null;
        }

        var diff = await Plugin.Engine.DiffAsync(token, name, old.Id, old.Inputs, old.State, news);
        if (diff.Changes == DiffResponse.Types.DiffChanges.DiffSome)
        {
            await Plugin.Engine.UpdateAsync(token, name, old.Id, old.Inputs, old.State, news, preview: true);
        }

        return [.. diff.DetailedDiff.Keys];
    }

    /// <summary>Reads a resource; what is gone leaves the state.</summary>
    public async Task RefreshAsync(string name)
    {
        var old = _resources[name];
        var read = await Plugin.Engine.ReadAsync(old.Type, name, old.Id, old.Inputs, old.State);
        if (read.Id.Length == 0)
        {
            _resources.TryRemove(name, out _);
            return;
        }

        _resources[name] = old with { RefreshBeforeUpdate = read.RefreshBeforeUpdate, Id = read.Id, Inputs = PropertyCodec.DecodeObject(read.Inputs), State = PropertyCodec.DecodeObject(read.Properties), InitErrors = [] };
    }

    public async Task<StackResource> ImportAsync(string type, string name, string id)
    {
        var read = await Plugin.Engine.ReadAsync(TypeOf(type), name, id);
        return _resources[name] = new(TypeOf(type), name, read.Id, PropertyCodec.DecodeObject(read.Inputs), PropertyCodec.DecodeObject(read.Properties), [], read.RefreshBeforeUpdate);
    }

    public async Task DeleteAsync(string name)
    {
        await DeleteAsync(_resources[name]);
        _resources.TryRemove(name, out _);
    }

    /// <summary>Deletes what is there still, so that other tests don't fail over it; what can't be deleted is told to who reads the test's output.</summary>
    public async Task DeleteRestAsync()
    {
        foreach (var left in DeletionOrder.SelectMany(type => _resources.Values.Where(resource => resource.Type == TypeOf(type))).ToList())
        {
            try
            {
                await DeleteAsync(left.Name);
            }
            catch (RpcException fault)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{left.Type} {left.Name} ({left.Id}) is left: {fault.Status.Detail}");
            }
        }
    }

    /// <summary>Takes a resource out of its place in the state, as the old half of a replacement whose new half is made first.</summary>
    /// <returns>To be given to <see cref="DeleteAsync(StackResource)"/> once all else is done.</returns>
    public StackResource SetAside(string name) => _resources.TryRemove(name, out var old) ? old : throw new KeyNotFoundException(name);

    public Task DeleteAsync(StackResource old) => Plugin.Engine.DeleteAsync(old.Type, old.Name, old.Id, old.Inputs, old.State);

    /// <summary>Takes a resource out of the state and leaves it alone (`pulumi state delete`): it is somebody else's.</summary>
    public void Forget(string name) => _resources.TryRemove(name, out _);

    /// <summary>The state file is lost.</summary>
    public void Forget() => _resources.Clear();

    /// <summary>Everything that the plugin has told the user.</summary>
    public IReadOnlyList<LogRequest> Messages => [.. Plugin.Host.Logs];

    public string Warnings => string.Join('\n', Messages.Where(message => message.Severity == LogSeverity.Warning).Select(message => message.Message));

    public async ValueTask DisposeAsync() => await Plugin.DisposeAsync();

    private Task<StackResource> CreateAsync(string token, string name, ObjectValue inputs) => SaveAsync(token, name, inputs, async () =>
    {
        var made = await Plugin.Engine.CreateAsync(token, name, inputs);
        return (made.Id, made.Properties, made.RefreshBeforeUpdate);
    });

    /// <summary>In either order; the new half is checked without old inputs, as a new resource is.</summary>
    private async Task<StackResource> ReplaceAsync(string token, string name, ObjectValue program, StackResource old, bool deleteFirst)
    {
        if (deleteFirst)
        {
            await DeleteAsync(name);
        }

        var made = await CreateAsync(token, name, await Plugin.Engine.CheckedAsync(token, name, program));
        if (!deleteFirst)
        {
            await DeleteAsync(old);
        }

        return made;
    }

    private async Task<StackResource> SaveAsync(string token, string name, ObjectValue inputs, Func<Task<(string Id, Struct State, bool RefreshBeforeUpdate)>> step)
    {
        try
        {
            var (id, state, refresh) = await step();
            return _resources[name] = new(token, name, id, inputs, PropertyCodec.DecodeObject(state), [], refresh);
        }
        catch (RpcException fault) when (EngineSession.PartialFailure(fault) is { } partial)
        {
            _resources[name] = new(token, name, partial.Id, inputs, PropertyCodec.DecodeObject(partial.Properties), [.. partial.Reasons], partial.RefreshBeforeUpdate);
            throw;
        }
    }
}
