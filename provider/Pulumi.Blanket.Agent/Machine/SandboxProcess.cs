using System.Runtime.InteropServices;

namespace Pulumi.Blanket.Agent.Machine;

/// <summary>The last steps of a process before it is another program: its account, its limits, and what it can't ask the kernel for.</summary>
internal static unsafe partial class SandboxProcess
{
    private const int LimitProcessorTime = 0;
    private const int LimitFileSize = 1;
    private const int LimitCore = 4;
    private const int LimitProcesses = 6;
    private const int LimitOpenFiles = 7;
    private const int LimitLockedMemory = 8;
    private const int LimitAddressSpace = 9;

    /// <summary>Threads of an account; QEMU's pool has up to 64.</summary>
    private const ulong MostThreads = 256;
    private const ulong MostOpenFiles = 64;

    private const int SetNoNewPrivileges = 38;
    private const int SetFilter = 22;
    private const ulong FilterMode = 2;

    private const long CloseRange = 436;
    private const uint OnlyAtExec = 4;
    private const uint FirstOtherDescriptor = 3;

    /// <summary>Nothing of the agent's. One arena, since each takes 64 MiB of address space.</summary>
    private static readonly string[] Variables = ["LC_ALL=C.UTF-8", "MALLOC_ARENA_MAX=1", "PATH=/usr/bin"];

    /// <summary>Returns never.</summary>
    /// <exception cref="IOException">The kernel refused a part of it.</exception>
    public static void Become(uint account, long memoryBytes, long seconds, long fileBytes, string[] command)
    {
        // All memory that the last steps need is taken before the limit on it holds.
        var path = (byte*)Marshal.StringToCoTaskMemUTF8(command[0]);
        var arguments = Native(command);
        var variables = Native(Variables);
        var library = NativeLibrary.Load("libc.so.6");
        var limit = (delegate* unmanaged<int, Limit*, int>)NativeLibrary.GetExport(library, "setrlimit");
        var become = (delegate* unmanaged<byte*, byte**, byte**, int>)NativeLibrary.GetExport(library, "execve");
        var filter = SandboxFilter.Program(Kernel.IsArm);

        SetLimit(limit, LimitCore, 0);
        SetLimit(limit, LimitLockedMemory, 0);
        SetLimit(limit, LimitOpenFiles, MostOpenFiles);
        SetLimit(limit, LimitProcesses, MostThreads);
        SetLimit(limit, LimitFileSize, (ulong)fileBytes);
        SetLimit(limit, LimitProcessorTime, (ulong)seconds);
        Kernel.Check((int)SystemCall(CloseRange, FirstOtherDescriptor, uint.MaxValue, OnlyAtExec), "closing the agent's files");
        Kernel.Check(SetGroups(0, null), "its groups");
        Kernel.Check(SetGroup(account, account, account), "its group");
        Kernel.Check(SetUser(account, account, account), "its account");
        Kernel.Check(Control(SetNoNewPrivileges, 1, 0, 0, 0), "no new privileges");
        fixed (ulong* instructions = filter)
        {
            Filter program = new() { Count = (ushort)filter.Length, Instructions = instructions };
            Kernel.Check(Control(SetFilter, FilterMode, (ulong)&program, 0, 0), "its filter of system calls");
        }

        Limit memory = new() { Soft = (ulong)memoryBytes, Hard = (ulong)memoryBytes };
        if (limit(LimitAddressSpace, &memory) == 0)
        {
            become(path, arguments, variables);
        }

        Environment.FailFast(null); // there may be no memory for more words
    }

    private static void SetLimit(delegate* unmanaged<int, Limit*, int> set, int what, ulong most)
    {
        Limit limit = new() { Soft = most, Hard = most };
        Kernel.Check(set(what, &limit), "its limits");
    }

    /// <summary>Texts as C has them, ended by a null.</summary>
    private static byte** Native(string[] texts)
    {
        var native = (byte**)NativeMemory.AllocZeroed((nuint)texts.Length + 1, (nuint)sizeof(byte*));
        for (var index = 0; index < texts.Length; index++)
        {
            native[index] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[index]);
        }

        return native;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Filter
    {
        public ushort Count;
        public ulong* Instructions;
    }

    [LibraryImport("libc", EntryPoint = "setgroups", SetLastError = true)]
    private static partial int SetGroups(nuint count, uint* groups);

    [LibraryImport("libc", EntryPoint = "setresgid", SetLastError = true)]
    private static partial int SetGroup(uint real, uint effective, uint saved);

    [LibraryImport("libc", EntryPoint = "setresuid", SetLastError = true)]
    private static partial int SetUser(uint real, uint effective, uint saved);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int what, ulong first, ulong second, ulong third, ulong fourth);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, uint first, uint last, uint flags);
}
