using Grpc.Core;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Libvirt.Wire;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Hosts;

/// <summary>The resource Host, from the engine's side to real machines and back.</summary>
[Collection(nameof(HostLab))]
public sealed class HostTests(HostLab lab)
{
    [LabFact]
    public async Task ABareMachineBecomesAHostAndIsGivenBack()
    {
        var before = await CloudLabBase.SnapshotAsync(lab.Bare);
        await using var stack = await lab.StartStackAsync();
        var program = lab.HostInputs(lab.Bare).With("labels", ObjectValue.Empty.With("tier", "gold")).With("limit", ObjectValue.Empty.With("memoryMiB", 1024));
        Assert.Null(await stack.PreviewAsync("Host", "bare", program));

        // What is missing is not installed unasked, nor where there is no apt; the error lists it. What was begun is kept, and finished by the next.
        var unasked = await Assert.ThrowsAsync<RpcException>(() => stack.UpAsync("Host", "bare", program.With("install", false)));
        Assert.Equal(StatusCode.FailedPrecondition, unasked.StatusCode);
        Assert.Contains("qemu-system-x86", stack["bare"].InitErrors[0], StringComparison.Ordinal);
        Assert.Contains("`install: true`", stack["bare"].InitErrors[0], StringComparison.Ordinal);
        await lab.Bare.RunOrThrowAsync(["mv", "/usr/bin/apt-get", "/usr/bin/apt-get.away"]);
        var without = await Assert.ThrowsAsync<RpcException>(() => stack.UpAsync("Host", "bare", program));
        Assert.Contains("qemu-system-x86", without.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("by hand", without.Status.Detail, StringComparison.Ordinal);
        await lab.Bare.RunOrThrowAsync(["mv", "/usr/bin/apt-get.away", "/usr/bin/apt-get"]);
        var host = await stack.UpAsync("Host", "bare", program);

        Assert.Equal((await lab.Bare.RunOrThrowAsync(["cat", "/etc/machine-id"])).Trim(), host.Id);
        Assert.Equal("qemu", host.Text("activeLayer"));
        Assert.Equal("x86_64", host.Text("architecture"));
        Assert.Equal(lab.Bare.PublicHostKey, host.Text("pinnedHostKey"));
        Assert.True(host.Truth("reachable"));
        Assert.Equal(1024, ((NumberValue)((ObjectValue)host["capacity"].Bare)["memoryMiB"]!.Bare).Number);
        Assert.IsType<SecretValue>(host["connection"]);
        Assert.Contains(stack.Messages, message => message.Message.Contains("libvirt-daemon-system", StringComparison.Ordinal) && message.Ephemeral);

        // Again, with nothing changed: nothing to do; with a limit changed: an update in place.
        Assert.Empty((await stack.PreviewAsync("Host", "bare", program))!);
        Assert.Equal(["limit.memoryMiB"], await stack.PreviewAsync("Host", "bare", program.With("limit", ObjectValue.Empty.With("memoryMiB", 2048))));
        host = await stack.UpAsync("Host", "bare", program.With("limit", ObjectValue.Empty.With("memoryMiB", 2048)));
        Assert.Equal(2048, ((NumberValue)((ObjectValue)host["capacity"].Bare)["memoryMiB"]!.Bare).Number);

        await lab.Bare.RebootAsync(TestContext.Current.CancellationToken);
        await stack.RefreshAsync("bare");
        Assert.True(stack["bare"].Truth("reachable"));
        Assert.Equal(host.State, stack["bare"].State);

        await stack.DeleteAsync("bare");
        Assert.Equal(before, await CloudLabBase.SnapshotAsync(lab.Bare));
        await lab.Bare.RunOrThrowAsync(["dpkg", "-s", "qemu-system-x86", "libvirt-daemon-system"]); // packages are never removed
    }

    [LabFact]
    public async Task AnAdoptionThatCouldNotFinishIsKeptAndFinishedLater()
    {
        var before = await CloudLabBase.SnapshotAsync(lab.Gcp);
        await using var stack = await lab.StartStackAsync();
        var program = lab.HostInputs(lab.Gcp);
        var refused = await Assert.ThrowsAsync<RpcException>(() => stack.UpAsync("Host", "gcp", program.With("layer", "kvm")));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Contains("nested virtualisation", stack["gcp"].InitErrors[0], StringComparison.Ordinal);
        Assert.Equal("", stack["gcp"].Text("agentVersion"));

        // The message ends with the operation's id, by which the host's journal tells what happened there.
        var operation = System.Text.RegularExpressions.Regex.Match(refused.Status.Detail, @"\(operation ([0-9a-f]+)\)$").Groups[1].Value;
        Assert.NotEmpty(operation);
        Assert.Contains("HostAgent/Adopt for root failed", await lab.Gcp.RunOrThrowAsync(["journalctl", "-u", "blanket-agent", $"BLANKET_OPERATION={operation}", "--output=cat"]), StringComparison.Ordinal);

        var host = await stack.UpAsync("Host", "gcp", program);
        Assert.Equal("qemu", host.Text("activeLayer"));
        Assert.NotEqual("", host.Text("agentVersion"));
        await stack.DeleteAsync("gcp");
        Assert.Equal(before, await CloudLabBase.SnapshotAsync(lab.Gcp));
    }

    [LabFact]
    public async Task AHostThatIsDownHoldsNothingUp()
    {
        await using var stack = await lab.StartStackAsync();
        var program = lab.HostInputs(lab.Gcp);
        var host = await stack.UpAsync("Host", "gcp", program);
        await lab.Gcp.KillAsync(FaultTarget.Host, TestContext.Current.CancellationToken);
        try
        {
            await stack.RefreshAsync("gcp");
            Assert.False(stack["gcp"].Truth("reachable"));
            Assert.Equal(host["capacity"], stack["gcp"]["capacity"]);
            Assert.Contains("lostHosts", stack.Warnings, StringComparison.Ordinal);
            Assert.Empty((await stack.PreviewAsync("Host", "gcp", program))!);

            var refused = await Assert.ThrowsAsync<RpcException>(() => stack.DeleteAsync("gcp"));
            Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
            Assert.Contains("lostHosts", refused.Status.Detail, StringComparison.Ordinal);

            // The user's word that it is destroyed.
            var state = stack["gcp"];
            await stack.ContinueWithAsync(await lab.StartPluginAsync(), ObjectValue.Empty.With("privateKey", new SecretValue(lab.PrivateKey)).With("lostHosts", new ArrayValue([host.Id])));
            await stack.Plugin.Engine.DeleteAsync(state.Type, "gcp", state.Id, state.Inputs, state.State);
            await stack.RefreshAsync("gcp");
            Assert.False(stack.Has("gcp"));
        }
        finally
        {
            await lab.Gcp.StartAsync(TestContext.Current.CancellationToken);
        }

        await using var cleaner = await lab.StartStackAsync();
        await cleaner.UpAsync("Host", "gcp", program);
        await cleaner.DeleteAsync("gcp");
    }

    [LabFact]
    public async Task AfterALinkWasCutForAWhileTheNextLookReachesTheHost()
    {
        await using var stack = await lab.StartStackAsync();
        await stack.UpAsync("Host", "aws", lab.HostInputs(lab.Aws));

        // What was under way is lost for the kernel's next attempt, which comes the later the longer the cut was.
        await lab.Lab.CutAsync(lab.Aws.Name, cancellationToken: TestContext.Current.CancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await lab.Lab.HealAsync(lab.Aws.Name, cancellationToken: TestContext.Current.CancellationToken);
        await stack.RefreshAsync("aws");
        Assert.True(stack["aws"].Truth("reachable"), stack.Warnings);
        await stack.DeleteAsync("aws");
    }

    [LabFact]
    public async Task OfflineNothingIsDialled()
    {
        await using var stack = await lab.StartStackAsync();
        var program = lab.HostInputs(lab.Aws);
        await stack.UpAsync("Host", "aws", program);
        var settings = ObjectValue.Empty.With("privateKey", new SecretValue(lab.PrivateKey));
        await stack.ContinueWithAsync(await lab.StartPluginAsync(new() { ["BLANKET_OFFLINE"] = "1" }), settings);
        await lab.Aws.FreezeAsync(FaultTarget.Sshd, TestContext.Current.CancellationToken);
        try
        {
            await stack.RefreshAsync("aws");
            Assert.True(stack["aws"].Truth("reachable"));
            Assert.Empty((await stack.PreviewAsync("Host", "aws", program))!);
        }
        finally
        {
            await lab.Aws.ThawAsync(FaultTarget.Sshd, TestContext.Current.CancellationToken);
        }

        await stack.ContinueWithAsync(await lab.StartPluginAsync(), settings);
        await stack.DeleteAsync("aws");
    }

    [LabFact]
    public async Task DriftIsSeenAndPutRight()
    {
        await using var stack = await lab.StartStackAsync();
        var program = lab.HostInputs(lab.Aws).With("schedulable", true);
        await stack.UpAsync("Host", "aws", program);

        // Somebody else's stack has the same machine, with another idea of it.
        await using var other = await lab.StartStackAsync();
        await other.UpAsync("Host", "theirs", program.With("schedulable", false));
        await stack.RefreshAsync("aws");
        Assert.Equal(["schedulable"], await stack.PreviewAsync("Host", "aws", program));
        await stack.UpAsync("Host", "aws", program);
        await other.RefreshAsync("theirs");
        Assert.True(other["theirs"].Truth("schedulable"));
        await other.DeleteAsync("theirs");
        await stack.RefreshAsync("aws");
        Assert.Empty((await stack.PreviewAsync("Host", "aws", program))!);

        // Parts of what the adoption made are taken away by hand.
        await lab.Aws.RunOrThrowAsync(["sh", "-c", "virsh pool-destroy blanket && virsh pool-undefine blanket && userdel blanket && sed -i '/^# >>> blanket-agent/,/^# <<< blanket-agent/d' /etc/libvirt/qemu.conf"]);
        await stack.RefreshAsync("aws");
        Assert.All(["the account 'blanket'", "the storage pool 'blanket'", "/etc/libvirt/qemu.conf"], part => Assert.Contains(part, stack.Warnings, StringComparison.Ordinal));
        await PutRightAsync();

        // Nothing is known of the adoption any more.
        await lab.Aws.RunOrThrowAsync(["sh", "-c", "mv /var/lib/blanket/host.json /root/ && systemctl restart blanket-agent"]);
        await stack.RefreshAsync("aws");
        Assert.Contains("not adopted any more", stack.Warnings, StringComparison.Ordinal);
        Assert.Equal(["agentVersion"], await stack.PreviewAsync("Host", "aws", program));
        await lab.Aws.RunOrThrowAsync(["sh", "-c", "mv /root/host.json /var/lib/blanket/ && systemctl restart blanket-agent"]);

        // The agent is stopped; then it is gone.
        await lab.Aws.RunOrThrowAsync(["systemctl", "stop", "blanket-agent"]);
        await stack.RefreshAsync("aws");
        Assert.False(stack["aws"].Truth("reachable"));
        await lab.Aws.RunOrThrowAsync(["rm", "/usr/local/sbin/blanket-agent"]);
        await stack.RefreshAsync("aws");
        await PutRightAsync();
        await stack.DeleteAsync("aws");

        async Task PutRightAsync()
        {
            Assert.Equal(["agentVersion"], await stack.PreviewAsync("Host", "aws", program));
            Assert.True((await stack.UpAsync("Host", "aws", program)).Truth("reachable"));
            await stack.RefreshAsync("aws");
            Assert.Empty((await stack.PreviewAsync("Host", "aws", program))!);
        }
    }

    [LabFact]
    public async Task AnotherAddressOfTheSameMachineIsAnUpdate()
    {
        await using var stack = await lab.StartStackAsync();
        var program = lab.HostInputs(lab.Gcp);
        var host = await stack.UpAsync("Host", "gcp", program);
        var other = lab.Gcp.Address + "1"; // free, in the same network
        var device = (await lab.Gcp.RunOrThrowAsync(["ip", "-o", "-4", "address", "show", "to", lab.Gcp.Address])).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        await lab.Gcp.RunOrThrowAsync(["ip", "address", "add", $"{other}/{device[3].Split('/')[1]}", "dev", device[1]]);
        var moved = program.With("address", other);
        Assert.Equal(["address"], await stack.PreviewAsync("Host", "gcp", moved));
        var after = await stack.UpAsync("Host", "gcp", moved);
        Assert.Equal(host.Id, after.Id);
        Assert.Equal((StringValue)other, ((ObjectValue)after["connection"].Bare)["address"]!.Bare);
        Assert.Equal(host.Text("pinnedHostKey"), after.Text("pinnedHostKey"));
        await stack.DeleteAsync("gcp");

        // Given back, and taken again under its name by the same process.
        Assert.Equal(host.Id, (await stack.UpAsync("Host", "gcp", moved)).Id);
        await stack.DeleteAsync("gcp");
        await lab.Gcp.RunOrThrowAsync(["ip", "address", "del", $"{other}/{device[3].Split('/')[1]}", "dev", device[1]]);
    }

    [LabFact]
    public async Task AnotherMachineTakesTheFirstOnesPlace()
    {
        var before = await Task.WhenAll(CloudLabBase.SnapshotAsync(lab.Gcp), CloudLabBase.SnapshotAsync(lab.Aws));
        await using var stack = await lab.StartStackAsync();
        var engine = stack.Plugin.Engine;
        var type = Stack.TypeOf("Host");
        var old = await stack.UpAsync("Host", "web", lab.HostInputs(lab.Gcp).With("machine", "i-1"));

        // The program says another machine, and behind the address is the same.
        var same = await engine.CheckedAsync(type, "web", lab.HostInputs(lab.Gcp).With("machine", "i-2"), old.Inputs);
        var diff = await engine.DiffAsync(type, "web", old.Id, old.Inputs, old.State, same);
        Assert.Equal(["machine"], diff.Replaces);
        Assert.False(diff.DeleteBeforeReplace);
        var refused = await Assert.ThrowsAsync<RpcException>(() => engine.CreateAsync(type, "web", same));
        Assert.Equal(StatusCode.Aborted, refused.StatusCode);
        Assert.Contains("still is the same one", refused.Status.Detail, StringComparison.Ordinal);

        // The new one is made while the old one lives, then the old one is given back.
        var news = await engine.CheckedAsync(type, "web", lab.HostInputs(lab.Aws).With("machine", "i-2"), old.Inputs);
        Assert.Contains("machine", (await engine.DiffAsync(type, "web", old.Id, old.Inputs, old.State, news)).Replaces);
        var made = await engine.CreateAsync(type, "web", news);
        Assert.NotEqual(old.Id, made.Id);
        await engine.DeleteAsync(type, "web", old.Id, old.Inputs, old.State);
        Assert.Equal(before[0], await CloudLabBase.SnapshotAsync(lab.Gcp));
        var read = await engine.ReadAsync(type, "web", made.Id, news, PropertyCodec.DecodeObject(made.Properties));
        Assert.Equal(made.Id, read.Id);
        await engine.DeleteAsync(type, "web", made.Id, news, PropertyCodec.DecodeObject(made.Properties));
        Assert.Equal(before[1], await CloudLabBase.SnapshotAsync(lab.Aws));
    }

    [LabFact]
    public async Task AnotherMachineBehindTheAddressIsNeverTouched()
    {
        await using var stack = await lab.StartStackAsync();
        var program = lab.HostInputs(lab.Gcp);
        await stack.UpAsync("Host", "gcp", program);

        // The same address answers with another key: whoever that is, nothing is sent there.
        var settings = ObjectValue.Empty.With("privateKey", new SecretValue(lab.PrivateKey));
        await lab.Gcp.ChangeHostKeyAsync(TestContext.Current.CancellationToken);
        await stack.ContinueWithAsync(await lab.StartPluginAsync(), settings);
        await stack.RefreshAsync("gcp");
        Assert.False(stack["gcp"].Truth("reachable"));
        var refused = await Assert.ThrowsAsync<RpcException>(() => stack.UpAsync("Host", "gcp", program.With("zone", "b")));
        Assert.Equal(2, refused.Status.Detail.Split("SHA256:").Length - 1);
        await lab.Gcp.RestoreHostKeyAsync(TestContext.Current.CancellationToken);

        // With a key that was allowed, it is the machine's own id that tells, before anything is put there.
        var before = await CloudLabBase.SnapshotAsync(lab.Aws);
        var changed = program.With("address", lab.Aws.Address).With("hostKey", lab.Aws.PublicHostKey);
        var other = await Assert.ThrowsAsync<RpcException>(() => stack.UpAsync("Host", "gcp", changed));
        Assert.Equal(StatusCode.FailedPrecondition, other.StatusCode);
        Assert.Contains("another machine", other.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("`machine`", other.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("`lostHosts`", other.Status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain('{', other.Status.Detail);
        Assert.Equal(before, await CloudLabBase.SnapshotAsync(lab.Aws));

        await stack.RefreshAsync("gcp");
        Assert.True(stack["gcp"].Truth("reachable"));
        await stack.DeleteAsync("gcp");
    }

    [LabFact]
    public async Task AHostWithAVirtualMachineIsNotGivenBack()
    {
        await using var stack = await lab.StartStackAsync();
        await stack.UpAsync("Host", "gcp", lab.HostInputs(lab.Gcp));
        await Domains.DefineAsync(lab.Gcp, "web-12345678", "somefabric");
        var refused = await Assert.ThrowsAsync<RpcException>(() => stack.DeleteAsync("gcp"));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Contains("web-12345678", refused.Status.Detail, StringComparison.Ordinal);
        await lab.Gcp.RunOrThrowAsync(["virsh", "undefine", "web-12345678"]);
        await stack.DeleteAsync("gcp");
    }

    [LabFact]
    public async Task ALostStateIsImported()
    {
        await using var stack = await lab.StartStackAsync();
        var program = lab.HostInputs(lab.Gcp).With("privateKey", new SecretValue(lab.PrivateKey)).With("labels", ObjectValue.Empty.With("tier", "gold")).With("pricePerHour", 0.5);
        var host = await stack.UpAsync("Host", "gcp", program);
        stack.Forget();
        var imported = await stack.ImportAsync("Host", "gcp", $"root@{lab.Gcp.Address}:22");
        Assert.Equal(host.Id, imported.Id);
        Assert.Empty((await stack.PreviewAsync("Host", "gcp", program))!);
        await stack.UpAsync("Host", "gcp", program);
        await stack.DeleteAsync("gcp");
        var nothing = await Assert.ThrowsAsync<RpcException>(() => stack.ImportAsync("Host", "gcp", lab.Gcp.Address));
        Assert.Equal(StatusCode.NotFound, nothing.StatusCode);
    }

    [LabFact]
    public async Task SecretsAreNowhereInTheClear()
    {
        await using var stack = await lab.StartStackAsync(settings: ObjectValue.Empty);
        var program = lab.HostInputs(lab.Gcp).With("privateKey", new SecretValue(lab.PrivateKey)).With("password", new SecretValue("correct-horse-battery"));
        using CancellationTokenSource done = new();
        var watching = WatchProcessesAsync(done.Token);
        var host = await stack.UpAsync("Host", "gcp", program);
        await stack.RefreshAsync("gcp");
        var fabric = await stack.UpAsync("Fabric", "fabric", ObjectValue.Empty.With("hosts", new ArrayValue([host["connection"]])));
        var made = await lab.Gcp.RunOrThrowAsync(["sh", "-c", $"cd /var/lib/blanket/{fabric.Id} && cat wireguard.key && sed -n 2p tls.key"]);
        await stack.RefreshAsync("fabric");
        await stack.DeleteAsync("fabric");
        await stack.DeleteAsync("gcp");
        await done.CancelAsync();

        var keyLine = lab.PrivateKey.Split('\n')[2];
        var accountLine = ((StringValue)((ObjectValue)fabric["connection"].Bare)["privateKey"]!.Bare).Text.Split('\n')[2];
        var seen = string.Join('\n', [await watching, stack.Plugin.Errors, .. stack.Messages.Select(message => message.Message)]);
        Assert.NotEmpty(stack.Plugin.Errors);
        Assert.DoesNotContain(keyLine, seen, StringComparison.Ordinal);
        Assert.All(["correct-horse-battery", accountLine, .. made.Split('\n', StringSplitOptions.RemoveEmptyEntries)], secret => Assert.DoesNotContain(secret, seen, StringComparison.Ordinal));
        foreach (var (name, value) in host.State.Properties.Concat(fabric.State.Properties).Where(output => output.Value is not SecretValue))
        {
            Assert.All([keyLine, accountLine], line => Assert.False(value.ToString()!.Contains(line, StringComparison.Ordinal), $"the output {name} shows a key"));
        }

        async Task<string> WatchProcessesAsync(CancellationToken token)
        {
            System.Text.StringBuilder all = new();
            while (!token.IsCancellationRequested)
            {
                all.AppendLine(await lab.Gcp.RunOrThrowAsync(["ps", "-eo", "args"], cancellationToken: CancellationToken.None));
                await Task.Delay(20, CancellationToken.None);
            }

            return all.ToString();
        }
    }

    [LabFact]
    public async Task FactsAreToldWithoutAdopting()
    {
        var before = await CloudLabBase.SnapshotAsync(lab.Bare);
        await using var stack = await lab.StartStackAsync();
        var answer = await stack.Plugin.Engine.Client.InvokeAsync(new Pulumi.Blanket.Protocol.Contract.InvokeRequest
        {
            Tok = "blanket:index:getHostFacts",
            Args = PropertyCodec.EncodeObject(ObjectValue.Empty.With("address", lab.Bare.Address)),
        });
        var facts = PropertyCodec.DecodeObject(answer.Return);
        Assert.Equal((StringValue)"x86_64", facts["architecture"]);
        Assert.Equal((BoolValue)false, facts["adopted"]);
        Assert.Equal((StringValue)lab.Bare.PublicHostKey, facts["hostKey"]);
        await lab.Bare.RunAsync(["rm", "-rf", "/run/blanket"]); // the kept proof, if QEMU is there by now
        Assert.Equal(before, await CloudLabBase.SnapshotAsync(lab.Bare));
    }

    [LabFact]
    public async Task ThroughAJumpHost()
    {
        await using var stack = await lab.StartStackAsync();
        var host = await stack.UpAsync("Host", "onprem", lab.HostInputs(lab.BehindNat));
        Assert.True(host.Truth("reachable"));
        await stack.DeleteAsync("onprem");
    }
}
