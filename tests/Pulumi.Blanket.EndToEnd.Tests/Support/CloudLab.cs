using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Provider.Tests;

namespace Pulumi.Blanket.EndToEnd.Tests;

/// <summary>Four hosts in three clouds: two prepared, one bare, one behind NAT; and plugins that live where the lab's clients do.</summary>
public sealed class CloudLab : IAsyncLifetime
{
    private const string Name = "end-to-end";

    private static readonly LabPaths Paths = LabPaths.FromEnvironment();

    public Blanket.Lab.Lab Lab { get; private set; } = null!;

    public LabHost Aws => Lab.Host("aws-1");

    public LabHost Gcp => Lab.Host("gcp-1");

    /// <summary>As a cloud's image is: no libvirt, no QEMU, no WireGuard.</summary>
    public LabHost Bare => Lab.Host("bare-1");

    /// <summary>Behind <see cref="Aws"/>: reached through it, and dials out only.</summary>
    public LabHost BehindNat => Lab.Host("onprem-1");

    public string PrivateKey => File.ReadAllText(Lab.PrivateKeyFile);

    public async ValueTask InitializeAsync()
    {
        if (LabAvailability.Reason is not null)
        {
            return;
        }

        await Blanket.Lab.Lab.DownAsync(Name, Paths);
        LabDefinition definition = new(Name,
        [
            new HostDefinition { Name = "aws-1", Cloud = "aws", StorageGiB = 4 },
            new HostDefinition { Name = "gcp-1", Cloud = "gcp", StorageGiB = 4 },
            new HostDefinition { Name = "bare-1", Cloud = "azure", StorageGiB = 4, Bare = true },
            new HostDefinition { Name = "onprem-1", Cloud = "onprem", StorageGiB = 4, Behind = "aws-1" },
        ]);
        Lab = await Blanket.Lab.Lab.UpAsync(definition, Paths, new Progress<LabProgress>());
    }

    public async ValueTask DisposeAsync()
    {
        if (Lab is not null)
        {
            await Blanket.Lab.Lab.DownAsync(Name, Paths);
        }
    }

    /// <summary>A stack of its own with a plugin of its own, configured with the lab's key.</summary>
    internal async Task<Stack> StartStackAsync(Dictionary<string, string?>? environment = null, ObjectValue? settings = null)
    {
        Stack stack = new(await StartPluginAsync(environment));
        await stack.Plugin.Engine.ConfigureAsync(settings ?? ObjectValue.Empty.With("privateKey", new SecretValue(PrivateKey)));
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
