using Grpc.Core;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Agent.Tests.Lab;

/// <summary>A host's life with the agent, without a plugin: installed, adopted, used, released, gone.</summary>
[Collection(nameof(AgentLab))]
public sealed class AdoptionTests(AgentLab lab) : AgentLabTest(lab)
{
    [LabFact]
    public async Task AdoptsAndTakesEverythingBack()
    {
        var host = Lab.Public;
        var before = await SnapshotAsync(host);
        Assert.Equal(0, (await AgentLab.InstallAsync(host)).ExitCode);
        var facts = await AgentLab.AdoptAsync(host);

        Assert.True(facts.AdoptionComplete);
        Assert.Equal(facts.BestLayer, facts.ActiveLayer);
        Assert.Equal(facts.KvmProof == KvmProof.Proven, facts.KvmFault.Length == 0);
        Assert.NotEmpty(facts.MachineTypes);
        Assert.Contains("qemu64", facts.Cpu.UsableModels);
        Assert.Contains("live", facts.Capabilities);
        Assert.InRange(facts.Capacity.StorageGib, 1, 2);
        Assert.Contains("blanket", await host.RunOrThrowAsync(["virsh", "pool-list", "--name"]), StringComparison.Ordinal);
        Assert.Contains("blanket-agent", await host.RunOrThrowAsync(["head", "-1", "/etc/libvirt/qemu.conf"]), StringComparison.Ordinal);

        await AgentLab.RemoveAsync(host);
        Assert.Equal(before, await SnapshotAsync(host));
    }

    [LabFact]
    public async Task ASecondOwnerKeepsTheHost()
    {
        var host = Lab.Public;
        await AgentLab.InstallAsync(host);
        await AgentLab.AdoptAsync(host, urn: "urn:first");
        await AgentLab.AdoptAsync(host, urn: "urn:second");
        await AgentLab.ReleaseAsync(host, "urn:first");
        Assert.Equal(["urn:second"], (await AgentLab.GetFactsAsync(host)).Owners);
        Assert.NotEqual(0, (await host.RunAsync(["/usr/local/sbin/blanket-agent", "uninstall"])).ExitCode);
        await AgentLab.ReleaseAsync(host, "urn:second");
        await AgentLab.RemoveAsync(host);
    }

    [LabFact]
    public async Task LogsWithTheOperation()
    {
        var host = Lab.Public;
        await AgentLab.InstallAsync(host);
        using (var channel = AgentLab.Connect(host))
        {
            await new HostAgent.HostAgentClient(channel).GetFactsAsync(new(), new Metadata { { "blanket-operation", "5eed5eed" } });
        }

        var journal = await host.RunOrThrowAsync(["journalctl", "-u", "blanket-agent", "BLANKET_OPERATION=5eed5eed", "--output=cat", "-n", "3"]);
        Assert.Contains("/blanket.agent.HostAgent/GetFacts for root done", journal, StringComparison.Ordinal);
        await AgentLab.RemoveAsync(host);
    }

    [LabFact]
    public async Task RefusesToGoBackAVersionAndWhatWasDamagedOnItsWay()
    {
        var host = Lab.Public;
        Assert.Equal(5, (await AgentLab.InstallAsync(host, hash: new string('0', 64))).ExitCode);
        await AgentLab.InstallAsync(host);
        await AgentLab.AdoptAsync(host);
        var refused = await AgentLab.InstallAsync(host, "0.0.9");
        Assert.Equal(4, refused.ExitCode);
        Assert.Contains("0.1.0", refused.Error, StringComparison.Ordinal);

        Assert.Equal(0, (await AgentLab.InstallAsync(host, "0.2.0")).ExitCode);
        var facts = await AgentLab.GetFactsAsync(host);
        Assert.Equal("0.2.0", facts.AgentVersion);
        Assert.True(facts.AdoptionComplete);
        await AgentLab.RemoveAsync(host);
    }

    [LabFact]
    public async Task ACertainProofIsKeptAndASlowOneIsNone()
    {
        // A QEMU that does the proof as the test says, and all else as ever.
        var host = Lab.Public;
        await host.RunOrThrowAsync(["sh", "-c", "test -e /dev/kvm || mknod /dev/kvm c 10 232"]);
        await host.RunOrThrowAsync(["sh", "-c", "mkdir -p /etc/blanket; echo '{ \"layerProof\": \"00:00:04\", \"layerProofGlance\": \"00:00:00.5000000\" }' > /etc/blanket/timeouts.json"]);
        await AgentLab.InstallAsync(host);
        await PutQemuAsync("exec sleep 600");

        // Who only reads does not wait for it to end, and hears of its end when it has.
        Assert.Equal((KvmProof.Unproven, "the test guest is still running"), await ProofAsync());
        await Eventually.TrueAsync(async () => (await ProofAsync()).Fault.Contains("longer than 4 s", StringComparison.Ordinal), "the proof has ended");
        Assert.Equal(Layer.Qemu, (await AgentLab.GetFactsAsync(host)).BestLayer);
        Assert.Equal(1, await RunsAsync());

        // An adoption tries again what was not certain.
        await PutQemuAsync("test -e /root/slow && exec sleep 600; exit $(cat /root/code)");
        await host.RunOrThrowAsync(["sh", "-c", "echo 5 > /root/code"]);
        Assert.Equal((Layer.Qemu, KvmProof.Refused), Layers(await AgentLab.AdoptAsync(host)));
        Assert.Equal(3, await RunsAsync()); // a refusal is made sure of
        await ProofAsync();
        Assert.Equal(3, await RunsAsync());
        await host.RunOrThrowAsync(["sh", "-c", "echo 33 > /root/code"]);
        Assert.Equal((Layer.Kvm, KvmProof.Proven), Layers(await AgentLab.AdoptAsync(host)));
        Assert.Equal((Layer.Kvm, KvmProof.Proven), Layers(await AgentLab.AdoptAsync(host)));
        Assert.Equal(4, await RunsAsync());

        // A host that has KVM keeps it when a proof after a reboot is slow, also when it is adopted again.
        await host.RunOrThrowAsync(["sh", "-c", "touch /root/slow; sync"]);
        await host.RebootAsync(TestContext.Current.CancellationToken);
        await host.RunOrThrowAsync(["sh", "-c", "test -e /dev/kvm || mknod /dev/kvm c 10 232"]);
        await Eventually.TrueAsync(async () => (await host.RunAsync(["systemctl", "is-active", "blanket-agent"])).ExitCode == 0, "the agent is back");
        var facts = await AgentLab.AdoptAsync(host);
        Assert.Equal((Layer.Kvm, KvmProof.Unproven), Layers(facts));
        Assert.Equal(Layer.Kvm, facts.BestLayer);
        Assert.Equal(5, await RunsAsync());
        await host.RunOrThrowAsync(["rm", "/usr/local/sbin/qemu-system-x86_64", "/root/proofs", "/root/slow", "/root/code", "/run/blanket/layer.json", "/etc/blanket/timeouts.json"]);
        await AgentLab.RemoveAsync(host);

        async Task<(KvmProof Proof, string Fault)> ProofAsync()
        {
            var found = await AgentLab.GetFactsAsync(host);
            return (found.KvmProof, found.KvmFault);
        }

        static (Layer, KvmProof) Layers(HostFacts found) => (found.ActiveLayer, found.KvmProof);

        async Task PutQemuAsync(string proof) => await host.RunOrThrowAsync(["sh", "-c", "cat > /usr/local/sbin/x && chmod +x /usr/local/sbin/x && mv /usr/local/sbin/x /usr/local/sbin/qemu-system-x86_64"],
            $"""
            #!/bin/sh
            case "$*" in *isa-debug-exit*) echo run >> /root/proofs; {proof};; esac
            exec /usr/bin/qemu-system-x86_64 "$@"

            """);

        async Task<int> RunsAsync() => (await host.RunOrThrowAsync(["cat", "/root/proofs"])).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
    }

    [LabFact]
    public async Task AnInstallationThatWasCutBeforeTheRestartIsFinished()
    {
        var host = Lab.Public;
        await AgentLab.InstallAsync(host);
        await AgentLab.AdoptAsync(host);
        var before = await ProcessAsync();
        Assert.Equal(0, (await host.RunAsync(["/usr/local/sbin/blanket-agent", "install"])).ExitCode);
        Assert.Equal(before, await ProcessAsync());

        // The file is another one, and the service still runs what was there.
        await host.RunOrThrowAsync(["sh", "-c", "cp -p /usr/local/sbin/blanket-agent /usr/local/sbin/x && mv /usr/local/sbin/x /usr/local/sbin/blanket-agent"]);
        Assert.Equal(0, (await host.RunAsync(["/usr/local/sbin/blanket-agent", "install"])).ExitCode);
        Assert.NotEqual(before, await ProcessAsync());
        await AgentLab.RemoveAsync(host);

        Task<string> ProcessAsync() => AgentLab.ProcessAsync(host);
    }

    [LabFact]
    public async Task RefusesToLeaveDisksBehind()
    {
        var host = Lab.Public;
        await AgentLab.InstallAsync(host);
        await AgentLab.AdoptAsync(host);
        await host.RunOrThrowAsync(["touch", "/var/lib/blanket/pool/data.qcow2"]);
        var refused = await Assert.ThrowsAsync<RpcException>(() => AgentLab.ReleaseAsync(host));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Contains("data.qcow2", refused.Status.Detail, StringComparison.Ordinal);
        await host.RunOrThrowAsync(["rm", "/var/lib/blanket/pool/data.qcow2"]);
        await AgentLab.RemoveAsync(host);
    }

    [LabFact]
    public async Task UninstallingKeepsDisksWhateverTheRecordsSay()
    {
        var host = Lab.Public;
        await AgentLab.InstallAsync(host);
        await AgentLab.AdoptAsync(host);
        await host.RunOrThrowAsync(["touch", "/var/lib/blanket/pool/data.qcow2"]);
        var record = await host.RunOrThrowAsync(["cat", "/var/lib/blanket/host.json"]);
        await host.RunOrThrowAsync(["sh", "-c", "rm /var/lib/blanket/host.json && systemctl restart blanket-agent"]);
        await Assert.ThrowsAsync<RpcException>(() => AgentLab.ReleaseAsync(host));
        var refused = await host.RunAsync(["/usr/local/sbin/blanket-agent", "uninstall"]);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("data.qcow2", refused.Error, StringComparison.Ordinal);
        await host.RunOrThrowAsync(["systemctl", "is-active", "blanket-agent"]);

        await host.RunOrThrowAsync(["rm", "/var/lib/blanket/pool/data.qcow2"]);
        await host.RunOrThrowAsync(["sh", "-c", "cat > /var/lib/blanket/host.json && systemctl restart blanket-agent"], record);
        await AgentLab.RemoveAsync(host);
    }

    /// <summary>What an adoption may touch.</summary>
    private static async Task<string> SnapshotAsync(LabHost host) => await host.RunOrThrowAsync(["sh", "-c",
        "cat /etc/passwd /etc/group /etc/libvirt/libvirtd.conf /etc/libvirt/qemu.conf; find /var/lib/blanket /run/blanket /usr/local /etc/systemd/system 2>/dev/null | sort; virsh pool-list --all --name; ip -o link show | cut -d: -f2"]);
}
