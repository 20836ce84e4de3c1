using Grpc.Net.Client;

namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>How the engine speaks gRPC to plugins of this machine.</summary>
internal static class ProviderChannel
{
    /// <summary>The size up to which Pulumi's messages may grow, 400 MiB.</summary>
    public const int MaxMessageBytes = 400 * 1024 * 1024;

    public static GrpcChannel Open(int port) => GrpcChannel.ForAddress($"http://127.0.0.1:{port}", new GrpcChannelOptions
    {
        MaxReceiveMessageSize = MaxMessageBytes,
        MaxSendMessageSize = MaxMessageBytes,
        HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true, UseProxy = false },
    });
}
