using System.Net;
using System.Net.Sockets;

namespace Pulumi.Blanket.Provider.Tests.Engine;

/// <summary>How a plugin is started and reached: by default on this machine, and as easily inside another network namespace.</summary>
internal sealed record PluginOptions
{
    /// <summary>Program and arguments that run the command that follows them, such as <c>nsenter … --</c>.</summary>
    public IReadOnlyList<string> Prefix { get; init; } = [];

    /// <summary>What follows the engine's address on the command line.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>On top of this process's own; null takes a variable away.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Opens a connection to the plugin's port.</summary>
    public Func<IPEndPoint, CancellationToken, Task<Socket>> ConnectAsync { get; init; } = async (endPoint, token) =>
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endPoint, token);
        return socket;
    };

    /// <summary>Makes a socket, not bound yet, on which the engine's own services listen for the plugin.</summary>
    public Func<Task<Socket>> CreateListenerAsync { get; init; } = () => Task.FromResult(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
}
