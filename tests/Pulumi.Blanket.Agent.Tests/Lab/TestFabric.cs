using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;

namespace Pulumi.Blanket.Agent.Tests.Lab;

/// <summary>Founds and changes a fabric as the plugin does, with the agents' own calls.</summary>
internal static class TestFabric
{
    public const string Id = "fabric00test";

    public static readonly FabricSettings Settings = new()
    {
        Name = "blue",
        Urn = "urn:fabric",
        MeshCidr = "10.213.0.0/24",
        MeshPort = 51820,
        CpuModel = "qemu64",
        MachineType = "pc-q35-7.2",
        Layer = Layer.Qemu,
        Architecture = "x86_64",
    };

    /// <summary>All hosts with an agent, adopted, in one fabric; the first is its primary.</summary>
    public static async Task<FabricFacts> FoundAsync(params LabHost[] hosts)
    {
        foreach (var host in hosts)
        {
            await AgentLab.InstallAsync(host);
            await AgentLab.AdoptAsync(host);
        }

        ChangeRequest change = new() { FabricId = Id, Settings = Settings };
        foreach (var host in hosts)
        {
            change.Join.Add(await PrepareAsync(host));
        }

        var facts = await ChangeAsync(hosts[0], change);
        foreach (var host in hosts[1..])
        {
            await ApplyAsync(host, facts);
        }

        return facts;
    }

    public static async Task<JoiningMember> PrepareAsync(LabHost host)
    {
        using var channel = AgentLab.Connect(host);
        var keys = await new Membership.MembershipClient(channel).PrepareAsync(new PrepareRequest { FabricId = Id });
        return new JoiningMember
        {
            CertificateRequest = keys.CertificateRequest,
            Member = new Member
            {
                MachineId = keys.MachineId,
                WireguardPublicKey = keys.WireguardPublicKey,
                Settings = AgentLab.Settings(host),
                Capacity = (await AgentLab.GetFactsAsync(host)).Capacity, // else the member announces it, as a change of its own
            },
        };
    }

    public static async Task<FabricFacts> ChangeAsync(LabHost primary, ChangeRequest change)
    {
        using var channel = AgentLab.Connect(primary);
        return await new Membership.MembershipClient(channel).ChangeAsync(change);
    }

    public static async Task ApplyAsync(LabHost host, FabricFacts facts)
    {
        using var channel = AgentLab.Connect(host);
        await new Membership.MembershipClient(channel).ApplyAsync(facts);
    }

    public static async Task<FabricView> GetAsync(LabHost host)
    {
        using var channel = AgentLab.Connect(host);
        return await new FabricAgent.FabricAgentClient(channel).GetAsync(new Empty());
    }

    public static async Task LeaveAsync(LabHost host)
    {
        using var channel = AgentLab.Connect(host);
        await new Membership.MembershipClient(channel).LeaveAsync(new LeaveRequest { FabricId = Id });
    }

    /// <summary>The version that a host knows; 0 while its agent does not answer.</summary>
    public static async Task<ulong> VersionAsync(LabHost host)
    {
        try
        {
            return (await GetAsync(host)).Facts?.Version ?? 0;
        }
        catch (Exception fault) when (fault is RpcException or LabException)
        {
            return 0;
        }
    }
}
