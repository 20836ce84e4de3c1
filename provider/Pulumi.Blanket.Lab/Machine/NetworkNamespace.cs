using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Pulumi.Blanket.Lab.Machine;

/// <summary>
/// Opens sockets inside a network namespace. A socket belongs to the namespace of the thread that made it, for good, so
/// a thread of its own enters the namespace, makes the socket and ends.
/// </summary>
internal static partial class NetworkNamespace
{
    private const int CloneNewNet = 0x40000000;

    public static async Task<Socket> CreateSocketAsync(string namespacePath, SocketType type = SocketType.Stream, ProtocolType protocol = ProtocolType.Tcp)
    {
        TaskCompletionSource<Socket> made = new(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle(namespacePath);
                if (SetNamespace((int)handle.DangerousGetHandle(), CloneNewNet) != 0)
                {
                    throw new Win32Exception(Marshal.GetLastPInvokeError(), $"the network namespace {namespacePath} can't be entered");
                }

                made.SetResult(new Socket(AddressFamily.InterNetwork, type, protocol));
            }
            catch (Exception fault)
            {
                made.SetException(fault);
            }
        })
        { IsBackground = true, Name = "network namespace" }.Start();
        return await made.Task;
    }

    public static async Task<Socket> ConnectAsync(string namespacePath, IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = await CreateSocketAsync(namespacePath);
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(endPoint, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int descriptor, int kind);
}
