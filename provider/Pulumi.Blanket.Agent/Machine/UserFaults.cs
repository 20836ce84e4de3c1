namespace Pulumi.Blanket.Agent.Machine;

/// <summary>Leave for QEMU, which is nobody special on its host, to handle a guest's page faults itself: what post-copy rests on. Debian ships that as an example, Fedora sets it on every host of libvirt.</summary>
internal static class UserFaults
{
    private static readonly KernelSwitch Switch = new("/proc/sys/vm/unprivileged_userfaultfd", $"{AgentPaths.Runtime}/user-faults-were-off");

    /// <exception cref="AgentException">The kernel does not let it be set.</exception>
    public static void Allow()
    {
        try
        {
            Switch.TurnOn();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new AgentException(AgentFault.NotPossible, $"post-copy needs the kernel's setting vm.unprivileged_userfaultfd = 1, which can't be set here ({fault.Message}); set it by `sysctl`, or leave migration.postCopy out", fault);
        }
    }

    /// <summary>As it was before.</summary>
    public static void TakeBack() => Switch.TurnBack();
}
