using System.Collections.Concurrent;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>The providers of a deployment, each a plugin of its own; and the packages' schemas, which any of their plugins tells.</summary>
internal sealed class ProviderRegistry(IProviderSource source, string engineAddress, CancellationToken abandon) : IPackageSchemas, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<Provider>>> _byReference = new();
    private readonly ConcurrentDictionary<(string Package, string Version), Lazy<Task<string>>> _schemas = new();
    private readonly ConcurrentDictionary<(string Package, string Version), ConcurrentBag<Provider>> _spare = new();
    private readonly ConcurrentBag<Provider> _all = [];

    /// <summary>A plugin that nobody configured yet.</summary>
    public async Task<Provider> TakeAsync(string package, string version)
    {
        if (_spare.TryGetValue((package, version), out var spare) && spare.TryTake(out var provider))
        {
            return provider;
        }

        var connection = await source.ConnectAsync(package, version, engineAddress, abandon);
        provider = new Provider(connection);
        _all.Add(provider);
        await provider.HandshakeAsync(engineAddress, abandon);
        return provider;
    }

    /// <summary>Gives a plugin back that was not configured.</summary>
    public void Return(string package, string version, Provider provider) => _spare.GetOrAdd((package, version), _ => []).Add(provider);

    /// <summary>The provider of that reference, if it runs.</summary>
    public Task<Provider>? Find(string reference) => _byReference.GetValueOrDefault(reference)?.Value;

    public void Set(string reference, Provider provider) => _byReference[reference] = new(Task.FromResult(provider));

    /// <summary>The provider as the state has it; it starts when it is first needed, once, however many need it at that moment.</summary>
    public Task<Provider> LoadAsync(ResourceState state) => _byReference.GetOrAdd(state.ProviderReference, _ => new(() => StartAsync(state))).Value;

    public Task<string> GetAsync(string package, string version, CancellationToken cancellationToken) => _schemas.GetOrAdd((package, version), key => new(async () =>
    {
        var provider = await TakeAsync(key.Package, key.Version);
        var schema = await provider.GetSchemaAsync();
        Return(key.Package, key.Version, provider);
        return schema;
    })).Value.WaitAsync(cancellationToken);

    public Task CancelAsync() => Task.WhenAll(_all.Select(provider => provider.CancelAsync()));

    public async ValueTask DisposeAsync() => await Task.WhenAll(_all.Select(async provider => await provider.DisposeAsync()));

    private async Task<Provider> StartAsync(ResourceState state)
    {
        try
        {
            var provider = await TakeAsync(ProviderReference.PackageOfType(state.Type), VersionOf(state.Inputs));
            await provider.ConfigureAsync(state.Urn, state.Id, state.Inputs);
            return provider;
        }
        catch (ProviderCallException fault)
        {
            throw new EngineException(EngineFailure.Plugin, $"the provider {state.Urn} can't be configured as the state has it: {fault.Message}", fault);
        }
    }

    public static string VersionOf(ObjectValue inputs) => inputs["version"]?.Bare is StringValue version ? version.Text : "";
}
