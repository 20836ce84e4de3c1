namespace Pulumi.Blanket.Lab.Hosts;

public sealed partial class LabHost
{
    private static readonly TimeSpan StatusTimeout = TimeSpan.FromSeconds(5);

    public async Task<HostStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        if (!IsOn)
        {
            return new HostStatus(HostPower.Off, null, null);
        }

        if (IsFrozen)
        {
            return new HostStatus(HostPower.Frozen, null, null);
        }

        var guests = ListGuestsAsync(cancellationToken);
        var used = await RunAsync(["df", "--output=used", "--block-size=1M", "/"], cancellationToken: cancellationToken);
        return new HostStatus(HostPower.On, await guests, used.ExitCode == 0 ? long.Parse(used.Output.Split('\n')[1]) : null);
    }

    private async Task<IReadOnlyList<GuestListing>?> ListGuestsAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Ended by `timeout` on the host itself: a libvirtd that is frozen answers nobody.
            var list = await RunAsync(["timeout", StatusTimeout.TotalSeconds.ToString(), "virsh", "--connect", "qemu:///system", "list", "--all"], cancellationToken: cancellationToken);
            return list.ExitCode != 0
                ? null
                : [.. list.Output.Split('\n').Skip(2).Select(line => line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                    .Where(columns => columns.Length == 3).Select(columns => new GuestListing(columns[1], columns[2]))];
        }
        catch (LabException)
        {
            return null; // it went off meanwhile
        }
    }
}
