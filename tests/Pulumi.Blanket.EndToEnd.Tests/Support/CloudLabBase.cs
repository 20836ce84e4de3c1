using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Tests;
using Pulumi.Blanket.Provider.Tests.Engine;

namespace Pulumi.Blanket.EndToEnd.Tests.Support;

/// <summary>A lab of several clouds, and plugins that live where its clients do.</summary>
public abstract class CloudLabBase(string name, params HostDefinition[] hosts) : IAsyncLifetime
{
    private static readonly LabPaths Paths = LabPaths.FromEnvironment();

    private LabPlace? _place;

    public Blanket.Lab.Lab Lab { get; private set; } = null!;

    public LabHost Aws => Lab.Host("aws-1");

    public LabHost Gcp => Lab.Host("gcp-1");

    /// <summary>Behind <see cref="Aws"/>: reached through it, and dials out only.</summary>
    public LabHost BehindNat => Lab.Host("onprem-1");

    public string PrivateKey => File.ReadAllText(Lab.PrivateKeyFile);

    public virtual async ValueTask InitializeAsync()
    {
        if (LabAvailability.Reason is not null)
        {
            return;
        }

        _place = await LabPlace.TakeAsync();
        try
        {
            await Blanket.Lab.Lab.DownAsync(name, Paths);
            Lab = await Blanket.Lab.Lab.UpAsync(new LabDefinition(name, hosts), Paths, new Progress<LabProgress>());
        }
        catch
        {
            _place.Dispose();
            throw;
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (Lab is not null)
        {
            await Blanket.Lab.Lab.DownAsync(name, Paths);
        }

        _place?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Of the provider, for who has root on the hosts.</summary>
    internal ObjectValue Settings => ObjectValue.Empty.With("privateKey", new SecretValue(PrivateKey));

    /// <summary>A stack of its own with a plugin of its own, configured with the lab's key.</summary>
    internal async Task<Stack> StartStackAsync(Dictionary<string, string?>? environment = null, ObjectValue? settings = null)
    {
        Stack stack = new(await StartPluginAsync(environment));
        await stack.Plugin.Engine.ConfigureAsync(settings ?? Settings);
        return stack;
    }

    internal Task<PluginProcess> StartPluginAsync(Dictionary<string, string?>? environment = null)
    {
        var (program, arguments) = Lab.ControlCommand("/", []);
        return PluginProcess.StartAsync(new PluginOptions
        {
            Prefix = [program, .. arguments],
            Arguments = ["--logtostderr", "-v=9"],
            Environment = new Dictionary<string, string?>(environment ?? []) { ["SSH_AUTH_SOCK"] = null },
            ConnectAsync = Lab.ConnectAsync,
            CreateListenerAsync = Lab.CreateSocketAsync,
        });
    }

    /// <summary>What a program gives for a host of the lab.</summary>
    internal ObjectValue HostInputs(LabHost host)
    {
        var inputs = ObjectValue.Empty.With("name", host.Name).With("address", host.Address).With("cloud", host.Definition.Cloud);
        return host.Definition.Behind is { } gateway
            ? inputs.With("meshEndpoint", "none").With("proxyJump", new ArrayValue([ObjectValue.Empty.With("address", Lab.Host(gateway).Address)]))
            : inputs;
    }

    /// <summary>What adopting a host or making a fabric of it may touch; packages and what they bring aside.</summary>
    internal static async Task<string> SnapshotAsync(LabHost host) => await host.RunOrThrowAsync(["sh", "-c",
        """
        grep blanket /etc/passwd /etc/group /etc/libvirt/*.conf 2>/dev/null
        find /var/lib/blanket /run/blanket /usr/local/sbin /root/blanket* /etc/systemd/system/*blanket* 2>/dev/null | sort
        ps -e -o comm= | grep -E 'blanket|wireguard'
        ip -o link show | grep blanket
        virsh pool-list --all --name 2>/dev/null | grep blanket
        echo end
        """]);
}
