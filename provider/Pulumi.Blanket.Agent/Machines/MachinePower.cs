using Pulumi.Blanket.Libvirt;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>Starts and stops domains.</summary>
internal static class MachinePower
{
    /// <summary>How long a guest may take to shut down before the plug is pulled.</summary>
    public static readonly TimeSpan ShutdownPatience = TimeSpan.FromSeconds(60);

    /// <summary>A guest that is only just starting does not hear the power button; it is pressed again.</summary>
    private static readonly TimeSpan PressAgain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

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
    public static async Task<bool> ShutDownAsync(LibvirtClient libvirt, DomainReference domain, CancellationToken cancellationToken)
    {
        var deadline = DateTime.UtcNow + ShutdownPatience;
        var press = DateTime.MinValue;
        var status = await libvirt.GetStatusAsync(domain, cancellationToken);
        if (status.State is DomainState.Paused)
        {
            await libvirt.ResumeAsync(domain, cancellationToken); // who is paused can't shut down
        }

        while (await IsActiveAsync(libvirt, domain, cancellationToken))
        {
            if (DateTime.UtcNow > deadline)
            {
                await DestroyAsync(libvirt, domain, cancellationToken);
                return false;
            }

            if (DateTime.UtcNow > press)
            {
                await PressAsync(libvirt, domain, cancellationToken);
                press = DateTime.UtcNow + PressAgain;
            }

            await Task.Delay(Look, cancellationToken);
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
