using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>Does something inside another network namespace: sockets that are made there stay there (setns(2)).</summary>
internal static partial class NetworkNamespace
{
    private const string Folder = "/run/netns";

    // CLONE_NEWNET
    private const int KindNetwork = 0x40000000;

    public static bool Exists(string name) => File.Exists($"{Folder}/{name}");

    /// <summary>The numbers of those that are named after a network's number.</summary>
    public static IReadOnlyList<uint> Names(Func<uint, string> nameOf)
        => !Directory.Exists(Folder) ? [] : [.. Directory.EnumerateFiles(Folder).Select(path => Path.GetFileName(path)!)
            .Select(name => uint.TryParse(name[(name.LastIndexOf('-') + 1)..], out var number) && nameOf(number) == name ? number : 0).Where(number => number != 0)];

    /// <summary>On a thread of its own, which ends with it: no other code is ever inside by mistake.</summary>
    /// <exception cref="AgentException">There is no such namespace.</exception>
    public static T Run<T>(string name, Func<T> work)
    {
        T result = default!;
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Enter(name);
                result = work();
            }
            catch (Exception fault)
            {
                failure = fault;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return result;
    }

    private static void Enter(string name)
    {
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle($"{Folder}/{name}", share: FileShare.ReadWrite);
        }
        catch (IOException fault)
        {
            throw new AgentException(AgentFault.NotPossible, $"the network namespace {name} is not there; the agent makes it anew within 20 s, unless something keeps it from that: see `journalctl -u blanket-agent`", fault);
        }

        using (handle)
        {
            if (Switch((int)handle.DangerousGetHandle(), KindNetwork) != 0)
            {
                throw new AgentException(AgentFault.NotPossible, $"the network namespace {name} can't be entered: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int Switch(int descriptor, int kind);
}
