using Pulumi.Blanket.Libvirt.Connection;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt;

public sealed partial class LibvirtClient
{
    /// <summary><c>VIR_DOMAIN_CONSOLE_FORCE</c> in <c>include/libvirt/libvirt-domain.h</c>.</summary>
    private const uint TakeConsoleOver = 1;

    /// <summary>Opens the first console of a domain that runs.</summary>
    /// <param name="force">Takes it from whoever has it open: libvirt gives it to one at a time.</param>
    /// <exception cref="LibvirtException">With <see cref="LibvirtErrorCode.OperationFailed"/>: somebody has it open.</exception>
    public async Task<DomainConsole> OpenConsoleAsync(DomainReference domain, bool force = false, CancellationToken cancellationToken = default)
    {
        // Without keepalive: libvirtd stops reading from who sends more than a guest takes, and would not answer pings either.
        var connection = await LibvirtConnection.ConnectAsync(Settings() with { KeepaliveCount = 0 }, static _ => { }, cancellationToken);
        return await DomainConsole.OpenAsync(
            connection, Procedures.DomainOpenConsole, writer => Write(writer, domain).OptionalString(null).UInt(force ? TakeConsoleOver : 0), _options.ShortCallTimeout, cancellationToken);
    }
}
