using Grpc.Core;
using Pulumi.Blanket.Protocol.Contract;

namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>One provider: a plugin, and once configured, the settings that its resources use. Only translates; what to ask when is the deployment's.</summary>
internal sealed partial class Provider(ProviderConnection connection) : IAsyncDisposable
{
    private bool _acceptsSecrets = true;
    private CancellationToken _abandon;

    /// <summary>False while its settings are not known, as in the preview of a program that makes what they name.</summary>
    public bool IsConfigured { get; private set; }

    private ResourceProvider.ResourceProviderClient Client => connection.Client;

    /// <param name="abandon">Ends calls where they stand, whatever that leaves behind.</param>
    public async Task HandshakeAsync(string engineAddress, CancellationToken abandon)
    {
        _abandon = abandon;
        ProviderHandshakeRequest request = new()
        {
            EngineAddress = engineAddress,
            RootDirectory = connection.Folder,
            ProgramDirectory = connection.Folder,
            ConfigureWithUrn = true,
            SupportsViews = true,
            SupportsRefreshBeforeUpdate = true,
            InvokeWithPreview = true,
            AcceptsByteString = true,
        };
        try
        {
            _acceptsSecrets = (await CallAsync(Client.HandshakeAsync, request)).AcceptSecrets;
        }
        catch (ProviderCallException fault) when (fault.Code == StatusCode.Unimplemented)
        {
            // An older plugin; what it accepts it says when it is configured.
        }
    }

    public async Task<string> GetSchemaAsync() => (await CallAsync(Client.GetSchemaAsync, new GetSchemaRequest())).Schema;

    /// <summary>Asks the plugin to end what it is doing; it may take its time.</summary>
    public async Task CancelAsync()
    {
        try
        {
            await Client.CancelAsync(new());
        }
        catch (RpcException)
        {
            // Advisory: a plugin that has no such call, or has ended, is no fault.
        }
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private async Task<TAnswer> CallAsync<TRequest, TAnswer>(Func<TRequest, CallOptions, AsyncUnaryCall<TAnswer>> call, TRequest request)
    {
        try
        {
            return await call(request, new CallOptions(cancellationToken: _abandon));
        }
        catch (RpcException fault)
        {
            throw ProviderCallException.From(fault);
        }
    }
}
