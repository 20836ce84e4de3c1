using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Agent.Tests.Lab;

/// <summary>A fabric among agents: mesh, relays, what members know, reboots, and what its key can do.</summary>
[Collection(nameof(AgentLab))]
public sealed class FabricTests(AgentLab lab) : AgentLabTest(lab)
{
    /// <summary>KiB.</summary>
    private const int MemoryLimit = 40 * 1024;

    [LabFact]
    public async Task LivesThroughRebootsAndAbsence()
    {
        LabHost[] hosts = [Lab.Public, Lab.FirstBehindNat, Lab.SecondBehindNat];
        var facts = await TestFabric.FoundAsync(hosts);
        Assert.Equal(["10.213.0.1", "10.213.0.2", "10.213.0.3"], facts.Members.Select(member => member.MeshAddress));
        foreach (var from in hosts)
        {
            foreach (var to in facts.Members.Where(member => member.Settings.Name != from.Name))
            {
                // nat-1 and nat-2 can't dial each other: aws-1 passes on what they say.
                await ReachesAsync(from, to.MeshAddress);
            }
        }

        Assert.Contains("mtu 1380", await hosts[0].RunOrThrowAsync(["ip", "link", "show", "blanket0"]), StringComparison.Ordinal);

        // One is away while the fabric changes; it finds out once it is back, by itself.
        await hosts[2].KillAsync(FaultTarget.Host);
        facts = await TestFabric.ChangeAsync(hosts[0], new ChangeRequest { FabricId = TestFabric.Id, ExpectedVersion = facts.Version, Departing = { facts.Members[1].MachineId } });
        await Eventually.TrueAsync(async () => await TestFabric.VersionAsync(hosts[1]) == facts.Version, "the member that was there learns of the change");
        await hosts[2].StartAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(async () => await TestFabric.VersionAsync(hosts[2]) == facts.Version, "the member that was away learns of the change");
        await ReachesAsync(hosts[2], facts.Members[1].MeshAddress);

        // A change that was made for another version is refused.
        var stale = await Assert.ThrowsAsync<RpcException>(() => TestFabric.ChangeAsync(hosts[0], new ChangeRequest { FabricId = TestFabric.Id, ExpectedVersion = 1 }));
        Assert.Equal(StatusCode.Aborted, stale.StatusCode);
        var notPrimary = await Assert.ThrowsAsync<RpcException>(() => TestFabric.ChangeAsync(hosts[1], new ChangeRequest { FabricId = TestFabric.Id, ExpectedVersion = facts.Version }));
        Assert.Equal(StatusCode.FailedPrecondition, notPrimary.StatusCode);

        // The primary reboots and is what it was; it can be given up, and another takes its place.
        await hosts[0].RebootAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(async () => await TestFabric.VersionAsync(hosts[0]) == facts.Version, "the primary is back");
        using (var channel = AgentLab.Connect(hosts[1]))
        {
            facts = await new Membership.MembershipClient(channel).TakeOverAsync(new TakeOverRequest { FabricId = TestFabric.Id, LostPrimary = facts.Primary });
        }

        Assert.Equal(facts.Members.Single(member => member.Settings.Name == "nat-1").MachineId, facts.Primary);
        await TestFabric.ApplyAsync(hosts[2], facts);
        await TestFabric.ApplyAsync(hosts[0], facts);
        Assert.DoesNotContain("blanket0", await hosts[0].RunOrThrowAsync(["ip", "-o", "link"]), StringComparison.Ordinal);

        foreach (var host in hosts)
        {
            await TestFabric.LeaveAsync(host);
            Assert.DoesNotContain("blanket0", await host.RunOrThrowAsync(["ip", "-o", "link"]), StringComparison.Ordinal);

            // What it left it has no keys for any more.
            var without = await Assert.ThrowsAsync<RpcException>(() => TestFabric.ApplyAsync(host, facts));
            Assert.Contains("no keys for the fabric", without.Status.Detail, StringComparison.Ordinal);
            await AgentLab.RemoveAsync(host);
        }
    }

    [LabFact]
    public async Task ItsKeyCanDoNothingButSpeakToTheAgent()
    {
        var host = Lab.Public;
        var facts = await TestFabric.FoundAsync(host);
        var key = (await File.ReadAllTextAsync(Lab.Lab.PrivateKeyFile + ".pub", TestContext.Current.CancellationToken)).Split(' ');
        await TestFabric.ChangeAsync(host, new ChangeRequest { FabricId = TestFabric.Id, ExpectedVersion = facts.Version, Authorize = { new AuthorizedKey { Owner = "test", PublicKey = $"{key[0]} {key[1]}" } } });

        // Whatever is asked for, the connection to the agent is what comes: it says HTTP/2's first frame, or nothing.
        var shell = await SshAsync(host, ["blanket@" + host.Address, "id; cat /etc/shadow"]);
        Assert.DoesNotContain("uid=", shell.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", shell.Output, StringComparison.Ordinal);

        // But for the question whether anybody is there, by which a plugin finds out that its connection is alive.
        var probe = await SshAsync(host, ["blanket@" + host.Address, "true"]);
        Assert.Equal((0, ""), (probe.ExitCode, probe.Output));
        var forward = await SshAsync(host, ["-N", "-o", "ExitOnForwardFailure=yes", "-R", "4444:127.0.0.1:22", "blanket@" + host.Address]);
        Assert.NotEqual(0, forward.ExitCode);
        var terminal = await SshAsync(host, ["-tt", "blanket@" + host.Address]);
        Assert.Contains("PTY allocation request failed", terminal.Error, StringComparison.Ordinal);
        var files = await Lab.Lab.RunAsync(["timeout", "5", "sftp", "-F", Lab.Lab.SshConfigFile, "-o", $"HostKeyAlias={host.Address}", "-b", "-", "blanket@" + host.Address], input: "ls /\n");
        Assert.NotEqual(0, files.ExitCode);
        Assert.DoesNotContain("etc", files.Output, StringComparison.Ordinal);
        var through = await SshAsync(host, ["-W", "127.0.0.1:22", "blanket@" + host.Address]);
        Assert.NotEqual(0, through.ExitCode);
        Assert.DoesNotContain("SSH-2.0", through.Output, StringComparison.Ordinal);

        // The account itself, if somebody should ever get to be it, owns nothing: no keys, no records, no libvirt.
        foreach (var file in new[] { "host.json", $"{TestFabric.Id}/fabric.json", $"{TestFabric.Id}/tls.key", $"{TestFabric.Id}/wireguard.key" })
        {
            await host.RunOrThrowAsync(["test", "-s", $"/var/lib/blanket/{file}"]);
            Assert.NotEqual(0, (await host.RunAsync(["setpriv", "--reuid=blanket", "--regid=blanket", "--init-groups", "cat", $"/var/lib/blanket/{file}"])).ExitCode);
        }

        Assert.NotEqual(0, (await host.RunAsync(["setpriv", "--reuid=blanket", "--regid=blanket", "--init-groups", "virsh", "-c", "qemu:///system", "list"])).ExitCode);
        await TestFabric.LeaveAsync(host);
        await AgentLab.RemoveAsync(host);
    }

    [LabFact]
    public async Task PeersAnswerMembersAlone()
    {
        LabHost[] hosts = [Lab.Public, Lab.FirstBehindNat];
        var facts = await TestFabric.FoundAsync(hosts);
        await ReachesAsync(hosts[1], facts.Members[0].MeshAddress);
        var key = await File.ReadAllTextAsync(hosts[1].PathInside($"/var/lib/blanket/{TestFabric.Id}/tls.key"), TestContext.Current.CancellationToken);
        using var member = X509Certificate2.CreateFromPem(facts.Members[1].Certificate, key);
        Assert.Equal(facts.Version, (await FetchAsync(member)).Facts.Version);

        // Nobody without a certificate, nor with one that somebody else signed, whatever name stands in it, nor a member that was put out.
        await RefusesAsync(null);
        using var made = ECDsa.Create();
        using var forged = new CertificateRequest($"CN={facts.Members[1].MachineId}", made, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await RefusesAsync(forged);
        await TestFabric.ChangeAsync(hosts[0], new ChangeRequest { FabricId = TestFabric.Id, ExpectedVersion = facts.Version, Leave = { facts.Members[1].MachineId } });
        await RefusesAsync(member);
        foreach (var host in hosts)
        {
            await AgentLab.TakeBackAsync(host);
        }

        // Which of the two it is depends on whether the client has sent its question when the connection ends.
        async Task RefusesAsync(X509Certificate2? certificate)
            => Assert.True((await Assert.ThrowsAsync<RpcException>(() => FetchAsync(certificate))).StatusCode is StatusCode.Unavailable or StatusCode.Internal);

        // From the first host itself, so that it is not the mesh that refuses.
        async Task<FetchReply> FetchAsync(X509Certificate2? certificate)
        {
            using SocketsHttpHandler handler = new()
            {
                ConnectCallback = async (_, token) => new NetworkStream(await hosts[0].ConnectAsync(new IPEndPoint(IPAddress.Parse(facts.Members[0].MeshAddress), TestFabric.Settings.MeshPort), token), ownsSocket: true),
                SslOptions = new SslClientAuthenticationOptions
                {
                    ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
                    RemoteCertificateValidationCallback = (_, presented, _, _) => FabricCertificates.Verify(presented as X509Certificate2, facts.CaCertificate) == facts.Members[0].MachineId,
                },
            };
            using var channel = GrpcChannel.ForAddress("https://peer", new GrpcChannelOptions { HttpHandler = handler });
            return await new Peer.PeerClient(channel).FetchAsync(new FetchRequest { FabricId = TestFabric.Id }, deadline: DateTime.UtcNow.AddSeconds(20));
        }
    }

    [LabFact]
    public async Task AnUpgradeDisturbsNeitherVirtualMachinesNorLinks()
    {
        LabHost[] hosts = [Lab.Public, Lab.FirstBehindNat];
        var facts = await TestFabric.FoundAsync(hosts);
        await ReachesAsync(hosts[1], facts.Members[0].MeshAddress);
        await hosts[0].RunOrThrowAsync(["virsh", "create", "/dev/stdin"],
            "<domain type='qemu'><name>web</name><memory unit='MiB'>64</memory><os><type arch='x86_64'>hvm</type></os></domain>");
        var before = await ProcessesAsync();
        var agent = await AgentLab.ProcessAsync(hosts[0]);
        Assert.Equal(0, (await AgentLab.InstallAsync(hosts[0], "0.2.0")).ExitCode);
        Assert.Equal("0.2.0", (await AgentLab.GetFactsAsync(hosts[0])).AgentVersion);
        Assert.NotEqual(agent, await AgentLab.ProcessAsync(hosts[0]));
        Assert.Equal(before, await ProcessesAsync());
        Assert.Equal("running", (await hosts[0].RunOrThrowAsync(["virsh", "domstate", "web"])).Trim());
        await ReachesAsync(hosts[1], facts.Members[0].MeshAddress);
        await hosts[0].RunOrThrowAsync(["virsh", "destroy", "web"]);
        foreach (var host in hosts)
        {
            await AgentLab.TakeBackAsync(host);
        }

        // QEMU's, and WireGuard's where it is a process.
        async Task<string> ProcessesAsync() => await hosts[0].RunOrThrowAsync(["sh", "-c", "cat /run/libvirt/qemu/web.pid; systemctl show --property=MainPID blanket-wireguard"]);
    }

    [LabFact]
    public async Task MembersStayWithinTheirMemory()
    {
        LabHost[] hosts = [Lab.Public, Lab.FirstBehindNat];
        var facts = await TestFabric.FoundAsync(hosts);
        await ReachesAsync(hosts[1], facts.Members[0].MeshAddress);
        foreach (var host in hosts)
        {
            using var channel = AgentLab.Connect(host);
            for (var call = 0; call < 100; call++)
            {
                await new HostAgent.HostAgentClient(channel).GetFactsAsync(new());
                await new FabricAgent.FabricAgentClient(channel).GetAsync(new());
            }
        }

        foreach (var host in hosts)
        {
            await Eventually.TrueAsync(async () => await AgentLab.ResidentMemoryAsync(host) <= MemoryLimit, "the agent has given back what its work took");
            await AgentLab.TakeBackAsync(host);
        }
    }

    private Task<CommandResult> SshAsync(LabHost host, string[] arguments)
        => Lab.Lab.RunAsync(["timeout", "5", "ssh", "-F", Lab.Lab.SshConfigFile, "-o", $"HostKeyAlias={host.Address}", .. arguments], input: "");

    private static async Task ReachesAsync(LabHost from, string address)
        => await Eventually.TrueAsync(async () => (await from.RunAsync(["timeout", "2", "bash", "-c", $"exec 3<>/dev/tcp/{address}/51820"])).ExitCode == 0, $"{from.Name} reaches {address}");
}
