using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Guests;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Machine;

namespace Pulumi.Blanket.Lab.Tests.Support;

/// <summary>One lab for many tests, which leave it as they found it: three clouds, and a host behind NAT on the third.</summary>
public abstract class SharedLab(string name) : IAsyncLifetime
{
    public static LabPaths Paths { get; } = LabPaths.FromEnvironment();

    public Lab Lab { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public LabHost Aws => Lab.Host("aws-1");

    public LabHost Gcp => Lab.Host("gcp-1");

    public LabHost OnPrem => Lab.Host("onprem-1");

    /// <summary>Stands in a private network, behind <see cref="OnPrem"/>.</summary>
    public LabHost Hidden => Lab.Host("onprem-2");

    public async ValueTask InitializeAsync()
    {
        if (LabAvailability.Reason is not null)
        {
            return;
        }

        await Lab.DownAsync(name, Paths);
        var definition = LabDefinition.Default(name);
        Lab = await Lab.UpAsync(
            definition with { Hosts = [.. definition.Hosts, new HostDefinition { Name = "onprem-2", Cloud = "onprem", StorageGiB = 1, Behind = "onprem-1" }] },
            Paths, new IgnoredProgress());
        Client = Lab.CreateHttpClient();
        Client.Timeout = TimeSpan.FromSeconds(20);
        await GuestNetwork.JoinAsync(Lab);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Lab is not null)
        {
            Client.Dispose();
            await Lab.DownAsync(name, Paths);
        }
    }

    /// <summary>Real SSH from the control namespace, with the lab's key and known hosts.</summary>
    public Task<CommandResult> SshAsync(LabHost host, params string[] command)
        => Lab.RunAsync(["timeout", "30", "ssh", "-o", "ConnectTimeout=10", .. Lab.SshArguments(host), "--", .. command], cancellationToken: TestContext.Current.CancellationToken);
}
