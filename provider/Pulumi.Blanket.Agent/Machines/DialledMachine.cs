using System.Net.Sockets;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>A connection to a machine's port.</summary>
/// <param name="Address">With the port, for messages.</param>
internal sealed record DialledMachine(Socket Socket, string Name, string Address) : IDisposable
{
    public void Dispose() => Socket.Dispose();
}
