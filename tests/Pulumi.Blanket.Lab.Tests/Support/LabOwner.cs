using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pulumi.Blanket.Lab.Machine;

namespace Pulumi.Blanket.Lab.Tests.Support;

/// <summary>
/// However a run of tests ends, nothing of it goes on: labs end with the test process that made them or had them made, and a test process ends with
/// the `dotnet test` that started it, which can't end its test processes when it is killed.
/// </summary>
internal static partial class LabOwner
{
    /// <summary>Set, a test process ends with its parent although that is no `dotnet test`.</summary>
    public const string BoundVariable = "BLANKET_TEST_ENDS_WITH_PARENT";

    private static readonly PosixSignal[] Ends = [PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];
    private static readonly List<PosixSignalRegistration> Registrations = [];

    private const int PidfdOpen = 434;
    private const short Readable = 1;

    [ModuleInitializer]
    internal static void Start()
    {
        // By itself .NET would see the tests in the middle to their end, and begin no others, which takes minutes. Ctrl-C is the runner's.
        Registrations.AddRange(Ends.Select(static signal => PosixSignalRegistration.Create(signal, static _ => End())));
        Environment.SetEnvironmentVariable(LabPaths.OwnerVariable, Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (Environment.GetCommandLineArgs().Contains("--dotnet-test-pipe") || Environment.GetEnvironmentVariable(BoundVariable) is { Length: > 0 })
        {
            var parent = GetParent();
            var handle = SystemCall(PidfdOpen, parent, 0);
            if (handle >= 0)
            {
                new Thread(() => EndWith(parent, (int)handle)) { IsBackground = true, Name = "end with parent" }.Start();
            }
        }
    }

    // Killed, as the parent was: a test in the middle must not clear up, or begin another lab, for half a minute.
    private static void EndWith(int parent, int handle)
    {
        PollEntry entry = new() { Descriptor = handle, Events = Readable };
        while (GetParent() == parent)
        {
            _ = Poll(ref entry, 1, -1);
        }

        End();
    }

    private static void End() => _ = Kill(Environment.ProcessId, 9);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, int id, int flags);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollEntry entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int id, int signal);
}
