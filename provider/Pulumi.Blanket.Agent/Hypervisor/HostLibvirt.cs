using Pulumi.Blanket.Libvirt;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Hypervisor;

/// <summary>The host's libvirtd, connected to when it is first needed: a bare host has none yet.</summary>
internal sealed class HostLibvirt : IAsyncDisposable
{
    private const string SocketPath = "/run/libvirt/libvirt-sock";

    private readonly SemaphoreSlim _lock = new(1);
    private LibvirtClient? _client;

    public static bool IsInstalled => Machine.Command.Find("libvirtd") is not null || File.Exists(SocketPath);

    /// <exception cref="AgentException">libvirtd is not there or does not answer.</exception>
    public async Task<LibvirtClient> GetAsync(CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            return _client ??= await LibvirtClient.ConnectAsync(LibvirtClientOptions.ForSocket(SocketPath), cancellationToken);
        }
        catch (LibvirtException fault)
        {
            throw new AgentException(AgentFault.Unavailable, $"libvirtd does not answer on this host: {fault.Message}; see `journalctl -u libvirtd`", fault);
        }
        finally
        {
            _lock.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        _lock.Dispose();
    }
}
