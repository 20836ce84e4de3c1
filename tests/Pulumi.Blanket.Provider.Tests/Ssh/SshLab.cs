using System.Net;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Provider.Ssh;

namespace Pulumi.Blanket.Provider.Tests.Ssh;

/// <summary>Three hosts with a real sshd each, two of them on the WAN and one behind the first.</summary>
public sealed class SshLab : IAsyncLifetime
{
    public const string Name = "ssh-tests";

    private static readonly LabPaths Paths = LabPaths.FromEnvironment();

    public Blanket.Lab.Lab Lab { get; private set; } = null!;

    public LabHost First => Lab.Host("aws-1");

    public LabHost Second => Lab.Host("gcp-1");

    /// <summary>In a private network behind the first.</summary>
    public LabHost Inner => Lab.Host("aws-2");

    /// <summary>The lab's own key, which every host lets in.</summary>
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
            new HostDefinition { Name = "aws-1", Cloud = "aws", StorageGiB = 1, RateMbps = 10_000 },
            new HostDefinition { Name = "gcp-1", Cloud = "gcp", StorageGiB = 1, RateMbps = 10_000 },
            new HostDefinition { Name = "aws-2", Cloud = "aws", StorageGiB = 1, Behind = "aws-1" },
        ]);
        Lab = await Blanket.Lab.Lab.UpAsync(definition, Paths, new Silence());
        foreach (var host in Lab.Hosts)
        {
            // Tests restart sshd more often than systemd has patience for.
            await host.RunOrThrowAsync(["mkdir", "-p", "/etc/systemd/system/ssh.service.d"]);
            await host.RunOrThrowAsync(["tee", "/etc/systemd/system/ssh.service.d/often.conf"], "[Unit]\nStartLimitIntervalSec=0\n");
            await host.RunOrThrowAsync(["systemctl", "daemon-reload"]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Lab is not null)
        {
            await Blanket.Lab.Lab.DownAsync(Name, Paths);
        }
    }

    /// <summary>A way to a host's sshd for this process, which is outside of the lab.</summary>
    internal TcpRelay Relay(LabHost host)
        => new(token => Lab.ConnectAsync(new IPEndPoint(IPAddress.Parse(host.Address), 22), token));

    /// <summary>A host by way of a relay, with the lab's key.</summary>
    internal SshTarget Target(TcpRelay relay) => new("127.0.0.1") { Port = relay.Port, Credentials = new SshCredentials { PrivateKey = PrivateKey } };

    /// <summary>Lets a public key in as root, in addition.</summary>
    public static Task AuthorizeAsync(LabHost host, string publicKey)
        => host.RunOrThrowAsync(["tee", "-a", "/root/.ssh/authorized_keys"], publicKey.Trim() + "\n");

    private sealed class Silence : IProgress<LabProgress>
    {
        public void Report(LabProgress value)
        {
        }
    }
}
