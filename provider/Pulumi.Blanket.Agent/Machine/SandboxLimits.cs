namespace Pulumi.Blanket.Agent.Machine;

/// <summary>What a program in the sandbox may use. The kernel holds it to these limits, whatever becomes of the agent.</summary>
/// <param name="MemoryBytes">Of address space.</param>
/// <param name="ProcessorTime">Of all its threads together.</param>
/// <param name="FileBytes">How large its target may become.</param>
/// <param name="Timeout">By the clock. The agent ends it then.</param>
internal sealed record SandboxLimits(long MemoryBytes, TimeSpan ProcessorTime, long FileBytes, TimeSpan Timeout)
{
    /// <summary>qemu-img takes 300 MiB of address space for its threads and libraries before it reads a byte; little of it is memory.</summary>
    public const long DefaultMemoryBytes = 1L << 30;
}
