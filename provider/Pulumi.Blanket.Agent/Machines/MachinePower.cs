using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Libvirt;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>Starts and stops domains.</summary>
internal static class MachinePower
{
    public static async Task StartAsync(LibvirtClient libvirt, DomainReference domain, CancellationToken cancellationToken)
    {
        try
        {
            await libvirt.StartAsync(domain, cancellationToken: cancellationToken);
        }
        catch (LibvirtException fault) when (fault.Code is LibvirtErrorCode.OperationInvalid)
        {
            if (!await IsActiveAsync(libvirt, domain, cancellationToken))
            {
                throw;
            }
        }
    }

    /// <summary>Asks the guest to shut down, waits for it, and pulls the plug where it does not.</summary>
    /// <returns>False where the plug had to be pulled.</returns>
    public static async Task<bool> ShutDownAsync(LibvirtClient libvirt, DomainReference domain, AgentClock clock, CancellationToken cancellationToken)
    {
        var deadline = clock.In(clock.Timeouts.Shutdown);
        Deadline? press = null;
        var status = await libvirt.GetStatusAsync(domain, cancellationToken);
        if (status.State is DomainState.Paused)
        {
            await libvirt.ResumeAsync(domain, cancellationToken); // who is paused can't shut down
        }

        while (await IsActiveAsync(libvirt, domain, cancellationToken))
        {
            if (deadline.IsOver)
            {
                await DestroyAsync(libvirt, domain, cancellationToken);
                return false;
            }

            if (press is not { IsOver: false })
            {
                await PressAsync(libvirt, domain, cancellationToken);
                press = clock.In(clock.Timeouts.PowerButton); // one that is only just starting does not notice it
            }

            await clock.DelayAsync(clock.Timeouts.PowerPoll, cancellationToken);
        }

        return true;
    }

    public static async Task DestroyAsync(LibvirtClient libvirt, DomainReference domain, CancellationToken cancellationToken)
    {
        try
        {
            await libvirt.DestroyAsync(domain, cancellationToken: cancellationToken);
        }
        catch (LibvirtException fault) when (fault.Code is LibvirtErrorCode.OperationInvalid or LibvirtErrorCode.NoDomain)
        {
            // It does not run any more.
        }
    }

    public static async Task<bool> IsActiveAsync(LibvirtClient libvirt, DomainReference domain, CancellationToken cancellationToken)
        => (await libvirt.GetStatusAsync(domain, cancellationToken)).State is not (DomainState.ShutOff or DomainState.Crashed or DomainState.None);

    // libvirt takes the guest's agent where one answers, else the power button.
    private static async Task PressAsync(LibvirtClient libvirt, DomainReference domain, CancellationToken cancellationToken)
    {
        try
        {
            await libvirt.ShutdownAsync(domain, DomainShutdownOptions.AcpiPowerBtn, cancellationToken);
        }
        catch (LibvirtException fault) when (fault.Fault is LibvirtFault.Rejected)
        {
            // It went meanwhile, or can't hear; the deadline tells.
        }
    }
}
