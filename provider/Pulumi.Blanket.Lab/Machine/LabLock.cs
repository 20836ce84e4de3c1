using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Pulumi.Blanket.Lab.Machine;

/// <summary>
/// One holder at a time per name, on this machine. An abstract unix socket address is held: it ends with its process,
/// however that ends, and leaves no file behind.
/// </summary>
internal sealed class LabLock : IDisposable
{
    private readonly Socket _socket;

    private LabLock(Socket socket) => _socket = socket;

    public static async Task<LabLock> TakeAsync(string name, CancellationToken cancellationToken)
    {
        // Hashed, since such an address has room for 107 bytes only.
        var address = $"\0blanket-lab/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))}";
        while (true)
        {
            Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Bind(new UnixDomainSocketEndPoint(address));
                return new LabLock(socket);
            }
            catch (SocketException fault) when (fault.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                socket.Dispose();
                await Task.Delay(50, cancellationToken);
            }
        }
    }

    public void Dispose() => _socket.Dispose();
}
