namespace Pulumi.Blanket.Agent.Machine;

/// <summary>
/// The system calls that a program in a sandbox does not get (seccomp(2), a filter in the kernel's BPF). Its root and account keep it from everything already; this keeps it from those
/// parts of the kernel in which most faults were found, and from sockets that no network namespace holds, such as those to a hypervisor.
/// </summary>
internal static class SandboxFilter
{
    private const uint X64 = 0xc000003e;
    private const uint Arm64 = 0xc00000b7;

    /// <summary>Another numbering of the same processor's calls begins here.</summary>
    private const uint X32 = 0x40000000;

    private const uint Allow = 0x7fff0000;
    private const uint Kill = 0x80000000;
    private const uint NotPermitted = 0x00050000 | 1;
    private const uint NotThere = 0x00050000 | 38;

    private const ushort LoadWord = 0x20;
    private const ushort JumpEqual = 0x15;
    private const ushort JumpAtLeast = 0x35;
    private const ushort JumpAnyBit = 0x45;
    private const ushort Return = 0x06;

    private const uint NumberOffset = 0;
    private const uint ProcessorOffset = 4;
    private const uint FirstArgumentOffset = 16;

    /// <summary>CLONE_NEW…: a thread gets none of these.</summary>
    private const uint NewNamespaces = 0x7e020080;

    /// <summary>
    /// socket, ptrace, process_vm_readv, process_vm_writev, mount, umount2, pivot_root, unshare, setns, bpf, perf_event_open, keyctl, add_key, request_key, userfaultfd,
    /// io_uring_setup, open_by_handle_at, open_tree, move_mount, fsopen, fsmount, pidfd_getfd.
    /// </summary>
    private static readonly uint[] RefusedOnX64 = [41, 101, 310, 311, 165, 166, 155, 272, 308, 321, 298, 250, 248, 249, 323, 425, 304, 428, 429, 430, 432, 438];

    private static readonly uint[] RefusedOnArm64 = [198, 117, 270, 271, 40, 39, 41, 97, 268, 280, 241, 219, 217, 218, 282, 425, 265, 428, 429, 430, 432, 438];

    /// <summary>The same on both.</summary>
    private const uint Clone3 = 435;

    /// <summary>Instructions of 8 bytes each: a code, where to go on if so and if not, a number.</summary>
    public static ulong[] Program(bool isArm)
    {
        List<ulong> program =
        [
            Instruction(LoadWord, 0, 0, ProcessorOffset),
            Instruction(JumpEqual, 1, 0, isArm ? Arm64 : X64),
            Instruction(Return, 0, 0, Kill),
            Instruction(LoadWord, 0, 0, NumberOffset),
            Instruction(JumpAtLeast, 0, 1, X32),
            Instruction(Return, 0, 0, Kill),
        ];
        foreach (var number in isArm ? RefusedOnArm64 : RefusedOnX64)
        {
            program.AddRange([Instruction(JumpEqual, 0, 1, number), Instruction(Return, 0, 0, NotPermitted)]);
        }

        program.AddRange(
        [
            // Its flags are in memory, where no filter reads; libraries take clone where it is not there.
            Instruction(JumpEqual, 0, 1, Clone3), Instruction(Return, 0, 0, NotThere),
            Instruction(JumpEqual, 0, 3, isArm ? 220u : 56u),
            Instruction(LoadWord, 0, 0, FirstArgumentOffset),
            Instruction(JumpAnyBit, 0, 1, NewNamespaces),
            Instruction(Return, 0, 0, NotPermitted),
            Instruction(Return, 0, 0, Allow),
        ]);
        return [.. program];
    }

    private static ulong Instruction(ushort code, byte ifSo, byte ifNot, uint number) => code | (ulong)ifSo << 16 | (ulong)ifNot << 24 | (ulong)number << 32;
}
