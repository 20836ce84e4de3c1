using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Pulumi.Blanket.Agent.Tests.Support;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Agent.Tests.Lab;

/// <summary>What images of others, and those who look for them, can do to a host: nothing.</summary>
[Collection(nameof(AgentLab))]
public sealed class ImageSafetyTests(AgentLab lab) : AgentLabTest(lab)
{
    private const string Www = "/root/www";
    private const string Server = "http://127.0.0.1:8081";

    private LabHost Host => Lab.Public;

    [LabFact]
    public async Task AnImageOfAnotherShowsNothingOfTheHostAndFilesAreForThoseThatNeedThem()
    {
        await StartAsync();
        using var channel = AgentLab.Connect(Host);
        await Host.RunOrThrowAsync(["sh", "-c", $"qemu-img convert -O vmdk -o subformat=streamOptimized /srv/blanket/guest/guest.qcow2 {Www}/guest.vmdk; qemu-img create -q -f qcow2 -u -b /etc/shadow -F raw {Www}/odd.raw 64M"]);
        await File.WriteAllTextAsync(Host.PathInside($"{Www}/evil.vmdk"), ImageFiles.FlatDescriptor("/etc/shadow"), TestContext.Current.CancellationToken);

        var evil = await Assert.ThrowsAsync<RpcException>(() => FetchAsync(channel, "evil.vmdk", ImageFormat.Vmdk));
        Assert.Equal(StatusCode.FailedPrecondition, evil.StatusCode);
        Assert.Contains("another file", evil.Status.Detail, StringComparison.Ordinal);

        // Converted in the sandbox, on a host as users have it.
        var guest = await FetchAsync(channel, "guest.vmdk", ImageFormat.Vmdk);
        Assert.Equal("qcow2", guest.Stored.Format);
        var machine = await MakeAsync(channel, "web", guest.Sha256);
        Assert.Contains("<format type='qcow2'/>", await BackingAsync(machine), StringComparison.Ordinal);

        // Whatever a raw image looks like, it is one. With it nobody has the say but the agent that has inspected it.
        var odd = await FetchAsync(channel, "odd.raw", ImageFormat.Raw);
        var other = await MakeAsync(channel, "odd", odd.Sha256);
        Assert.Contains("<format type='raw'/>", await BackingAsync(other), StringComparison.Ordinal);
        Assert.DoesNotContain("shadow", await Host.RunOrThrowAsync(["virsh", "dumpxml", other]), StringComparison.Ordinal);
        FabricRegistry.FabricRegistryClient registry = new(channel);
        odd.Stored.Format = "qcow2";
        await registry.CompleteImageAsync(new CompleteImageRequest { Sha256 = odd.Sha256, Stored = odd.Stored });
        var said = await Assert.ThrowsAsync<RpcException>(() => MakeAsync(channel, "said", odd.Sha256));
        Assert.Contains("and the fabric's registry says qcow2", said.Status.Detail, StringComparison.Ordinal);

        Assert.Empty(await ReadableAsync());
        await RestartedAsync(machine);

        // An agent that did not see to it was there before.
        await Host.RunOrThrowAsync(["sh", "-c", "chmod 0644 /var/lib/blanket/pool/*"]);
        Assert.NotEmpty(await ReadableAsync());
        await Host.RunOrThrowAsync(["systemctl", "restart", "blanket-agent"]);
        Assert.Empty(await ReadableAsync());
        Assert.Equal("running", (await Host.RunOrThrowAsync(["virsh", "domstate", machine])).Trim());
        await RestartedAsync(machine);
        await EndAsync(machine, other);
    }

    [LabFact]
    public async Task WhatLetsSomebodyInIsUsedAndNotKept()
    {
        await StartAsync();
        using var channel = AgentLab.Connect(Host);
        await Host.RunOrThrowAsync(["sh", "-c", $"head -c 1048576 /dev/zero > {Www}/zero.raw"]);
        const string Secrets = "?X-Amz-Signature=deadbeef";
        var fetched = await FetchAsync(channel, "zero.raw", ImageFormat.Raw, "http://somebody:s3cret@127.0.0.1:8081/zero.raw" + Secrets);
        Assert.Equal($"{Server}/zero.raw", fetched.Source);

        // No server is there, or it has nothing.
        foreach (var (name, url, told) in new[]
        {
            ("none", "http://somebody:s3cret@127.0.0.1:9/none" + Secrets, "127.0.0.1, port 9, can't be reached"),
            ("lost", "http://somebody:s3cret@127.0.0.1:8081/lost" + Secrets, "has nothing there (404)"),
            ("unknown", "https://somebody:s3cret@nowhere.invalid/unknown" + Secrets, "nowhere.invalid"),
        })
        {
            await File.WriteAllTextAsync(Host.PathInside($"{Www}/{name}.other"), name, TestContext.Current.CancellationToken);
            var fault = await Assert.ThrowsAsync<RpcException>(() => FetchAsync(channel, $"{name}.other", ImageFormat.Raw, url));
            Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
            Assert.Contains(told, fault.Status.Detail, StringComparison.Ordinal);
            Assert.DoesNotContain("s3cret", fault.Status.Detail, StringComparison.Ordinal);
            Assert.DoesNotContain("deadbeef", fault.Status.Detail, StringComparison.Ordinal);
        }

        var kept = await Host.RunAsync(["sh", "-c", "grep -rl -e s3cret -e deadbeef /var/lib/blanket /run/blanket; journalctl --no-pager | grep -e s3cret -e deadbeef"]);
        Assert.Empty(kept.Output);
        await EndAsync();
    }

    [LabFact]
    public async Task ADownloadNeverTakesWhatIsPromisedToOthers()
    {
        await StartAsync();
        using var channel = AgentLab.Connect(Host);
        await Host.RunOrThrowAsync(["sh", "-c", $"truncate -s 100G {Www}/huge.raw; mkdir -p {Www}/cgi-bin; printf '#!/bin/sh\\nprintf \"Content-Type: x/y\\\\r\\\\n\\\\r\\\\n\"\\nexec cat /dev/zero\\n' > {Www}/cgi-bin/endless; chmod +x {Www}/cgi-bin/endless"]);

        // The server says how large it is, or goes on and on.
        var told = await Assert.ThrowsAsync<RpcException>(() => FetchAsync(channel, "huge.raw", ImageFormat.Raw, hash: new string('a', 64)));
        Assert.Equal(StatusCode.ResourceExhausted, told.StatusCode);
        FabricRegistry.FabricRegistryClient registry = new(channel);
        var before = await FreeAsync();
        var volume = await registry.ClaimVolumeAsync(new ClaimVolumeRequest { Urn = "urn:volume", Name = "data", SizeGib = 1 });
        var endless = await Assert.ThrowsAsync<RpcException>(() => FetchAsync(channel, "cgi-bin/endless", ImageFormat.Raw, hash: new string('b', 64)));
        Assert.Equal(StatusCode.ResourceExhausted, endless.StatusCode);
        Assert.Contains("promised to virtual machines", endless.Status.Detail, StringComparison.Ordinal);
        Assert.InRange(await FreeAsync(), 1L << 30, before);
        await registry.ReleaseAsync(new ReleaseClaimRequest { Uuid = volume.Uuid });
        await EndAsync();
    }

    /// <summary>A fabric of one host, and a web server on it.</summary>
    private async Task StartAsync()
    {
        await TestFabric.FoundAsync(Host);
        await Host.RunOrThrowAsync(["sh", "-c", $"mkdir -p {Www}; busybox httpd -p 127.0.0.1:8081 -h {Www} 2> /dev/null || true"]);
    }

    private async Task EndAsync(params string[] machines)
    {
        using var channel = AgentLab.Connect(Host);
        foreach (var machine in machines)
        {
            await LastAsync(new MachineAgent.MachineAgentClient(channel).Delete(new MachineRequest { Uuid = machine }));
        }

        FabricRegistry.FabricRegistryClient registry = new(channel);
        await Eventually.TrueAsync(async () => (await registry.ReadAsync(new Empty())).Machines.Count == 0, "what they held is given back");
        foreach (var image in (await registry.ReadAsync(new Empty())).Images)
        {
            await registry.DropImageAsync(new DropImageRequest { Urn = image.Owners[0], Sha256 = image.Sha256 });
        }

        await TestFabric.LeaveAsync(Host);
        await Host.RunOrThrowAsync(["sh", "-c", $"rm -rf {Www}/*"]); // the server goes on, in this folder
        await AgentLab.RemoveAsync(Host);
    }

    private async Task<ImageFacts> FetchAsync(GrpcChannel channel, string name, ImageFormat format, string? source = null, string? hash = null)
    {
        FabricRegistry.FabricRegistryClient registry = new(channel);
        hash ??= Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Host.PathInside($"{Www}/{name}"), TestContext.Current.CancellationToken)));
        var url = source ?? $"{Server}/{name}";
        await registry.PutImageAsync(new PutImageRequest { Urn = $"urn:{name}", Sha256 = hash, Name = name, Format = format, Source = url });
        var stored = (await LastAsync(new ImageAgent.ImageAgentClient(channel).Fetch(new ImageRequest { Sha256 = hash, Source = url }))).Stored;
        return await registry.CompleteImageAsync(new CompleteImageRequest { Sha256 = hash, Stored = stored });
    }

    /// <returns>Its UUID.</returns>
    private async Task<string> MakeAsync(GrpcChannel channel, string name, string image)
    {
        var claim = await new FabricRegistry.FabricRegistryClient(channel).ClaimMachineAsync(new ClaimMachineRequest
        {
            Urn = $"urn:{name}",
            Name = name,
            Vcpus = 0, // two are all that the host has
            MemoryMib = 64,
            Images = { image },
            SizedByImages = { image },
            Host = Host.Name,
        });
        try
        {
            MachineSpec spec = new() { Name = name, Vcpus = 1, MemoryMib = 64, Running = true, Disks = { new DiskSpec { Image = image } }, CloudInit = new CloudInit { UserData = "#cloud-config\npassword: s3cret\n" } };
            await LastAsync(new MachineAgent.MachineAgentClient(channel).Create(new CreateMachineRequest { Claim = claim, Spec = spec }));
            return claim.Uuid;
        }
        catch (RpcException)
        {
            await new FabricRegistry.FabricRegistryClient(channel).ReleaseAsync(new ReleaseClaimRequest { Uuid = claim.Uuid });
            throw;
        }
    }

    private async Task<string> BackingAsync(string machine)
        => await Host.RunOrThrowAsync(["sh", "-c", $"virsh dumpxml --inactive {machine} | grep -A 4 '<backingStore'"]);

    private async Task RestartedAsync(string machine)
    {
        await Host.RunOrThrowAsync(["virsh", "destroy", machine]);
        await Host.RunOrThrowAsync(["virsh", "start", machine]);
    }

    /// <summary>Files in the pool that anybody on the host could read.</summary>
    private async Task<string> ReadableAsync()
        => (await Host.RunAsync(["sh", "-c", "for file in /var/lib/blanket/pool/*; do setpriv --reuid 65534 --regid 65534 --clear-groups test -r $file && echo $file; done"])).Output;

    private async Task<long> FreeAsync() => long.Parse((await Host.RunOrThrowAsync(["stat", "-f", "-c", "%a", "/var/lib/blanket"])).Trim()) * long.Parse((await Host.RunOrThrowAsync(["stat", "-f", "-c", "%S", "/var/lib/blanket"])).Trim());

    private static async Task<T> LastAsync<T>(AsyncServerStreamingCall<T> call)
    {
        T? last = default;
        await foreach (var item in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            last = item;
        }

        return last!;
    }
}
