using Grpc.Core;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>What others do to machines behind the stack's back is seen and put right; a lost state is imported; a replacement is one.</summary>
[Collection(nameof(MachineLab))]
public sealed class DriftTests(MachineLab lab)
{
    [LabFact]
    public async Task IsSeenAndPutRight()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("drift").With("host", "gcp-1").With("maxVcpus", 2);
        await machines.UpAsync("drift", program);
        var id = machines.Stack["drift"].Id;
        await machines.ReachAsync("drift");

        await ShowAsync(["virsh", "suspend", id], "paused", "running", "state");
        await ShowAsync(["virsh", "setmem", id, "100M", "--live", "--config"], "running", "memoryMiB");
        await ShowAsync(["virsh", "detach-interface", id, "bridge", "--config", "--live"], "running", "networks");
        await ShowAsync(["virsh", "destroy", id], "stopped", "running", "state");
        Assert.Equal("drift", (await machines.ReachAsync("drift")).Hostname);

        // Gone without a word: it is made again, with another id and the same address.
        var address = machines.AddressOf("drift");
        await lab.Gcp.RunOrThrowAsync(["sh", "-c", $"virsh destroy {id}; virsh undefine {id}"]);
        await machines.Stack.RefreshAsync("drift");
        Assert.False(machines.Stack.Has("drift"));
        await machines.UpAsync("drift", program);
        Assert.NotEqual(id, machines.Stack["drift"].Id);
        Assert.Equal(address, machines.AddressOf("drift"));
        await machines.ReachAsync("drift");
        await machines.DeleteAsync("drift");
        await lab.Gcp.RunOrThrowAsync(["sh", "-c", $"rm -f /var/lib/blanket/pool/{id}-* /var/lib/blanket/*/c*/{id}*"]); // what is left of a domain that somebody undefined

        async Task ShowAsync(string[] command, string state, params string[] paths)
        {
            await lab.Gcp.RunOrThrowAsync(command);
            await machines.Stack.RefreshAsync("drift");
            Assert.Equal(state, machines.Stack["drift"].Text("state"));
            Assert.Equal(paths, (await machines.PreviewAsync("drift", program)).Order(StringComparer.Ordinal));
            await machines.UpAsync("drift", program);
            Assert.Equal("running", machines.Stack["drift"].Text("state"));
            Assert.Empty(await machines.PreviewAsync("drift", program));
        }
    }

    [LabFact]
    public async Task AMachineOnAnotherMemberIsFoundThere()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("cold").With("host", "aws-1").With("running", false);
        await machines.UpAsync("cold", program);
        var id = machines.Stack["cold"].Id;
        await lab.Gcp.RunOrThrowAsync(["virsh", "define", "/dev/stdin"], await machines.XmlAsync("cold", "--inactive"));
        await lab.Aws.RunOrThrowAsync(["virsh", "undefine", id]);
        await machines.Stack.RefreshAsync("cold");
        Assert.Equal("gcp-1", machines.Stack["cold"].Text("location"));
        Assert.All(await machines.PreviewAsync("cold", program), path => Assert.True(path.StartsWith("disks", StringComparison.Ordinal) || path == "cloudInit", path)); // nobody brought those along
        await machines.Stack.DeleteAsync("cold");
        await lab.Aws.RunOrThrowAsync(["sh", "-c", $"rm -f /var/lib/blanket/pool/{id}-* /var/lib/blanket/*/c*/{id}*"]);
        await MachineStack.LeavesNothingAsync(lab.Gcp, id);
    }

    [LabFact]
    public async Task ALostStateIsImportedWithoutDisturbingAnything()
    {
        await using var machines = await lab.StartMachinesAsync();
        var volume = ObjectValue.Empty.With("name", "data").With("fabric", lab.Fabric).With("sizeGiB", 1).With("host", "aws-1");
        var network = ObjectValue.Empty.With("name", "inner").With("fabric", lab.Fabric).With("cidr", "10.62.0.0/24").With("gateway", "10.62.0.9");
        await machines.Stack.UpAsync("Volume", "data", volume);
        await machines.Stack.UpAsync("Network", "inner", network);
        var program = machines.Program("app").With("labels", ObjectValue.Empty.With("tier", "gold")).With("vcpus", 1)
            .With("disks", new ArrayValue([ObjectValue.Empty.With("image", lab.Image), ObjectValue.Empty.With("volume", machines.Stack["data"].Id), ObjectValue.Empty.With("sizeGiB", 1)]))
            .With("networks", new ArrayValue([ObjectValue.Empty.With("network", machines.Stack["inner"].Id).With("address", "10.62.0.50")]))
            .With("cloudInit", ObjectValue.Empty.With("userData", new SecretValue("#cloud-config\nhostname: app\n")));
        await machines.UpAsync("app", program);
        var status = await machines.ReachAsync("app");
        var (id, state) = (machines.Stack["app"].Id, machines.Stack["app"].State);
        Assert.DoesNotContain("hostname: app", await machines.XmlAsync("app"), StringComparison.Ordinal);
        Assert.Equal("600", (await lab.Lab.Host(machines.Stack["app"].Text("location")).RunOrThrowAsync(["stat", "-c", "%a", $"/var/lib/blanket/{lab.FabricId}/cloud-init/{id}.json"])).Trim());

        // What there is is listed, by ids that an import takes.
        Assert.Contains(await machines.Stack.Plugin.Engine.ListAsync(Stack.TypeOf("VirtualMachine")), listed => listed.Id == $"{lab.FabricId}/{id}");
        Assert.Contains(await machines.Stack.Plugin.Engine.ListAsync(Stack.TypeOf("Volume")), listed => listed.Id == machines.Stack["data"].Id);
        Assert.Contains(await machines.Stack.Plugin.Engine.ListAsync(Stack.TypeOf("Network")), listed => listed.Id == machines.Stack["inner"].Id);
        Assert.Contains(await machines.Stack.Plugin.Engine.ListAsync(Stack.TypeOf("Image")), listed => listed.Id == lab.Image);

        machines.Stack.Forget();
        Assert.Equal(id, (await machines.Stack.ImportAsync("VirtualMachine", "app", $"{lab.FabricId}/app")).Id);
        await machines.Stack.ImportAsync("Volume", "data", $"{lab.FabricId}/data");
        await machines.Stack.ImportAsync("Network", "inner", $"{lab.FabricId}/inner");
        await machines.Stack.ImportAsync("Image", "guest", $"{lab.FabricId}/guest");
        machines.Stack.Forget("guest"); // the lab's, which all tests use
        Assert.Empty(await machines.PreviewAsync("app", program));
        Assert.Empty((await machines.Stack.PreviewAsync("Volume", "data", volume))!);
        Assert.Empty((await machines.Stack.PreviewAsync("Network", "inner", network))!);
        await machines.UpAsync("app", program);
        Assert.Equal(state["addresses"], machines.Stack["app"].State["addresses"]);
        Assert.True((await machines.ReachAsync("app")).MemoryCounter > status.MemoryCounter);
        var nothing = await Assert.ThrowsAsync<RpcException>(() => machines.Stack.ImportAsync("VirtualMachine", "none", $"{lab.FabricId}/nobody"));
        Assert.Equal(StatusCode.NotFound, nothing.StatusCode);
        await machines.DeleteAsync("app");
        await machines.Stack.DeleteAsync("data");
        await machines.Stack.DeleteAsync("inner");
    }

    [LabFact]
    public async Task AnotherImageReplacesOnlyWhenItMay()
    {
        await using var machines = await lab.StartMachinesAsync();
        await machines.Stack.UpAsync("Image", "raw", ObjectValue.Empty.With("name", "other").With("fabric", lab.Fabric).With("source", lab.Images.UrlOf("guest.qcow2") + "?other").With("sha256", lab.Images.HashOf("guest.qcow2")));
        await machines.Stack.DeleteAsync("raw"); // the same bytes under another name: the first owner keeps them
        var other = await MakeImageAsync();
        await machines.Stack.UpAsync("Image", "other", ObjectValue.Empty.With("name", "other").With("fabric", lab.Fabric).With("source", other));
        var program = machines.Program("other-image").With("host", "aws-1");
        await machines.UpAsync("other-image", program);
        var old = machines.Stack["other-image"];
        await machines.ReachAsync("other-image");

        var wanted = program.With("disks", new ArrayValue([ObjectValue.Empty.With("image", machines.Stack["other"].Id)]));
        var refused = await machines.Stack.Plugin.Engine.CheckAsync(old.Type, "other-image", wanted, old.Inputs);
        Assert.Equal("disks[0].image", Assert.Single(refused.Failures).Property);
        Assert.Contains("forceDestroy", refused.Failures[0].Reason, StringComparison.Ordinal);
        wanted = wanted.With("forceDestroy", true);
        await machines.UpAsync("other-image", program.With("forceDestroy", true));
        await machines.UpAsync("other-image", wanted);
        Assert.NotEqual(old.Id, machines.Stack["other-image"].Id);
        await machines.ReachAsync("other-image");
        await MachineStack.LeavesNothingAsync(lab.Aws, old.Id);

        // In the other order (an engine that was told to replace it): the old one lives until the new one does.
        var first = machines.Stack["other-image"];
        var inputs = await machines.Stack.Plugin.Engine.CheckedAsync(first.Type, "other-image", wanted.With("networks", new ArrayValue([])));
        var second = await machines.Stack.Plugin.Engine.CreateAsync(first.Type, "other-image", inputs);
        Assert.NotEqual(first.Id, second.Id);
        Assert.Contains("retired", await lab.Aws.RunOrThrowAsync(["virsh", "dumpxml", first.Id]), StringComparison.Ordinal);
        await machines.Stack.Plugin.Engine.DeleteAsync(first.Type, "other-image", first.Id, first.Inputs, first.State);
        await MachineStack.LeavesNothingAsync(lab.Aws, first.Id);
        await machines.Stack.Plugin.Engine.DeleteAsync(first.Type, "other-image", second.Id, inputs, PropertyCodec.DecodeObject(second.Properties));
        await MachineStack.LeavesNothingAsync(lab.Aws, second.Id);
        await machines.Stack.DeleteAsync("other");
        File.Delete(other);
    }

    // The guest's image with other bytes: as VMware has it.
    private async Task<string> MakeImageAsync()
    {
        var path = Path.Combine(Path.GetTempPath(), $"blanket-{Guid.NewGuid():N}.qcow2");
        (await lab.Lab.RunAsync(["qemu-img", "convert", "-O", "qcow2", "-o", "cluster_size=128k", lab.Images.PathOf("guest.qcow2"), path])).OutputOrThrow();
        return path;
    }
}
