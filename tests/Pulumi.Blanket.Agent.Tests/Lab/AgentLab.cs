using System.Globalization;
using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Pulumi.Blanket.Agent.Tests.Support;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Agent.Tests.Lab;

/// <summary>Three hosts, two of them behind NAT, and their agents' sockets.</summary>
public sealed class AgentLab : IAsyncLifetime
{
    private const string Name = "agent-tests";
    private const string Agent = "/usr/local/sbin/blanket-agent";

    private static readonly LabPaths Paths = LabPaths.FromEnvironment();

    public Blanket.Lab.Lab Lab { get; private set; } = null!;

    public LabHost Public => Lab.Host("aws-1");

    public LabHost FirstBehindNat => Lab.Host("nat-1");

    public LabHost SecondBehindNat => Lab.Host("nat-2");

    public async ValueTask InitializeAsync()
    {
        if (LabAvailability.Reason is not null)
        {
            return;
        }

        await Blanket.Lab.Lab.DownAsync(Name, Paths);
        LabDefinition definition = new(Name,
        [
            new HostDefinition { Name = "aws-1", Cloud = "aws", StorageGiB = 2 },
            new HostDefinition { Name = "nat-1", Cloud = "onprem", StorageGiB = 2, Behind = "aws-1" },
            new HostDefinition { Name = "nat-2", Cloud = "onprem", StorageGiB = 2, Behind = "aws-1" },
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

    /// <summary>Puts the agent on a host and has it install itself, as the plugin does.</summary>
    /// <param name="version">Which the program says it has; null: its own.</param>
    public static async Task<CommandResult> InstallAsync(LabHost host, string? version = null, string? hash = null)
    {
        var sent = host.PathInside("/root/blanket-agent.sent");
        await File.WriteAllBytesAsync(sent, version is null ? await File.ReadAllBytesAsync(AgentProgram.Path) : await AgentProgram.OfVersionAsync(version));
        File.SetUnixFileMode(sent, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            return await host.RunAsync(["/root/blanket-agent.sent", "install", .. hash is null ? Array.Empty<string>() : ["--sha256", hash]]);
        }
        finally
        {
            File.Delete(sent);
        }
    }

    /// <summary>Calls to a host's agent as its root makes them.</summary>
    public static GrpcChannel Connect(LabHost host)
    {
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, token) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(host.PathInside("/run/blanket/agent.sock")), token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return GrpcChannel.ForAddress("http://agent", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }

    public static async Task<HostFacts> AdoptAsync(LabHost host, HostSettings? settings = null, string urn = "urn:test", List<string>? progress = null)
    {
        using var channel = Connect(host);
        using var call = new HostAgent.HostAgentClient(channel).Adopt(new AdoptRequest { Urn = urn, Settings = settings ?? Settings(host) });
        HostFacts? adopted = null;
        await foreach (var adoption in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            adopted = adoption.Adopted ?? adopted;
            if (adoption.HasProgress)
            {
                progress?.Add(adoption.Progress);
            }
        }

        return adopted!;
    }

    public static HostSettings Settings(LabHost host) => new()
    {
        Name = host.Name,
        Address = host.Address,
        Install = true,
        Schedulable = true,
        MeshEndpoint = host.Definition.Behind is null ? "" : "none",
    };

    public static async Task<HostFacts> GetFactsAsync(LabHost host)
    {
        using var channel = Connect(host);
        return await new HostAgent.HostAgentClient(channel).GetFactsAsync(new Empty());
    }

    /// <summary>The id of the agent's process, as the host counts.</summary>
    public static async Task<string> ProcessAsync(LabHost host)
        => (await host.RunOrThrowAsync(["systemctl", "show", "--property=MainPID", "--value", "blanket-agent"])).Trim();

    /// <summary>The agent's resident memory, in KiB.</summary>
    public static async Task<int> ResidentMemoryAsync(LabHost host)
    {
        var line = await host.RunOrThrowAsync(["grep", "VmRSS", $"/proc/{await ProcessAsync(host)}/status"]);
        var kibibytes = int.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        TestContext.Current.TestOutputHelper!.WriteLine($"resident on {host.Name}: {kibibytes} KiB");
        return kibibytes;
    }

    /// <summary>Takes everything of ours off a host, as Delete does.</summary>
    public static async Task RemoveAsync(LabHost host)
    {
        if ((await host.RunAsync(["test", "-x", Agent])).ExitCode == 0)
        {
            await ReleaseAsync(host);
            await host.RunOrThrowAsync([Agent, "uninstall"]);
        }
    }

    /// <summary>The same, whoever holds the host and whatever fabric it is in.</summary>
    public static async Task TakeBackAsync(LabHost host)
    {
        if ((await host.RunAsync(["test", "-x", Agent])).ExitCode != 0)
        {
            return;
        }

        var facts = await GetFactsAsync(host);
        if (facts.FabricId.Length > 0)
        {
            using var channel = Connect(host);
            await new Membership.MembershipClient(channel).LeaveAsync(new LeaveRequest { FabricId = facts.FabricId });
        }

        foreach (var owner in facts.Owners)
        {
            await ReleaseAsync(host, owner);
        }

        await host.RunOrThrowAsync([Agent, "uninstall"]);
    }

    public async Task TakeAllBackAsync()
    {
        foreach (var host in Lab.Hosts)
        {
            await TakeBackAsync(host);
        }
    }

    public static async Task ReleaseAsync(LabHost host, string urn = "urn:test")
    {
        using var channel = Connect(host);
        await new HostAgent.HostAgentClient(channel).ReleaseAsync(new ReleaseRequest { Urn = urn });
    }
}
