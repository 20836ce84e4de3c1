using CsCheck;
using Grpc.Core;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Resources;
using Pulumi.Blanket.Provider.Resources.Image;
using Pulumi.Blanket.Provider.Resources.Network;
using Pulumi.Blanket.Provider.Resources.VirtualMachine;
using Pulumi.Blanket.Provider.Resources.Volume;
using Pulumi.Blanket.Provider.Tests.Support;
using static Pulumi.Blanket.Provider.Tests.Support.Objects;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>What holds for all inputs of what is on a fabric, sound or not: nothing breaks, nothing secret is told, and what Check let pass can be planned with.</summary>
public sealed class FabricPropertyTests
{
    private const int Iterations = 1500;

    private static readonly string Image = $"fab1/{new string('1', 64)}";

    private static readonly Gen<PropertyValue> Fabric = Gen.OneOf<PropertyValue>(
        JsonValues.Parse("""{"fabricId": "fab1", "account": "blanket", "privateKey": "hunter2", "publicKey": "k", "entries": [{"address": "a", "port": 22, "hostKey": "k"}]}""")!,
        JsonValues.Parse("""{"fabricId": "fab2", "account": "blanket", "privateKey": "hunter2", "publicKey": "k", "entries": []}""")!,
        JsonValues.Parse("""{"fabricId": "fab1", "privateKey": "hunter2"}""")!, UnknownValue.Text);

    private static readonly Gen<PropertyValue> Scalar = Gen.OneOf<PropertyValue>(
        "", "web", "a b", "10.1.0.0/24", "10.1.0.0/32", "10.1.0.5", "::1", "52:54:00:00:00:01", "virtio", "sata", "kernel", "uefi", "https://x.example/y", "/no/such/file", "a: b", "[", Image,
        $"fab2/{new string('2', 64)}", "fab1/1", "fab1/11111111-1111-4111-8111-111111111111", new string('3', 64), 0, 1, 2, 64, 1200, 1.5, -1, 1e12, true, false, NullValue.Instance, UnknownValue.Text);

    private static readonly Gen<PropertyValue> Disk = Part("image", "volume", "sizeGiB", "bus", "x");

    private static readonly Gen<PropertyValue> Card = Part("network", "address", "mac");

    private static readonly Gen<PropertyValue> Value = Gen.Frequency(
        (6, Scalar),
        (2, Disk.Array[0, 4].Select(items => (PropertyValue)new ArrayValue([.. items]))),
        (2, Card.Array[0, 3].Select(items => (PropertyValue)new ArrayValue([.. items]))),
        (1, Scalar.Array[0, 3].Select(items => (PropertyValue)new ArrayValue([.. items]))),
        (2, Part("kernel", "initrd", "cmdline")),
        (2, Part("userData", "metaData", "networkConfig")),
        (1, Part("a", "a b", "")),
        (1, Scalar.Select(inner => (PropertyValue)new SecretValue(inner))),
        (1, Scalar.Select(inner => (PropertyValue)new OutputValue(inner, true, ["urn:x"]))),
        (1, Gen.Const((PropertyValue)new OutputValue(null, false, []))));

    private static readonly Gen<ObjectValue> Inputs = Gen.Select(
        Fabric,
        Gen.Select(
            Gen.OneOf(
                "name", "cidr", "gateway", "mtu", "source", "sha256", "format", "sizeGiB", "host", "vcpus", "memoryMiB", "maxVcpus", "maxMemoryMiB", "disks", "disks", "disks", "networks", "boot", "firmware",
                "tpm", "cloudInit", "running", "autostart", "labels", "allowRestart", "forceDestroy", "forceDestroy", "extra"),
            Value).Array[0, 10],
        (fabric, pairs) => new ObjectValue(pairs.DistinctBy(pair => pair.Item1).Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2))).With("fabric", fabric));

    // Sound in its parts, so that lists of disks change into each other.
    private static readonly Gen<ObjectValue> Machine = Gen.Select(
        Gen.OneOf<PropertyValue>(Of(("image", Image)), Of(("sizeGiB", 5)), Of(("sizeGiB", 9)), Of(("volume", "fab1/11111111-1111-4111-8111-111111111111")), Of(("image", UnknownValue.Text)), UnknownValue.Text)
            .Array[1, 5],
        Gen.Int[1, 4], Gen.Bool, Gen.Bool, Gen.OneOf<PropertyValue>("a", "b", UnknownValue.Text),
        (disks, vcpus, isForced, mayRestart, host) => Of(
            ("name", "web"), ("fabric", JsonValues.Parse("""{"fabricId": "fab1", "account": "blanket", "privateKey": "hunter2", "publicKey": "k", "entries": []}""")!), ("memoryMiB", 64),
            ("vcpus", vcpus), ("disks", List(disks)), ("forceDestroy", isForced), ("allowRestart", mayRestart), ("host", host)));

    private static readonly FabricAccess Access = new(new AgentAccess());

    private static readonly Resource[] Resources = [new NetworkResource(Access), new ImageResource(Access), new VolumeResource(Access), new VirtualMachineResource(Access)];

    [Fact]
    public void Check_is_idempotent_and_tells_no_secret_and_what_it_lets_pass_can_be_compared() => Gen.Select(Inputs, Inputs).Sample((olds, news) =>
    {
        foreach (var resource in Resources)
        {
            var old = Check(resource, ObjectValue.Empty, olds);
            var once = Check(resource, old.Inputs, news);
            var twice = Check(resource, old.Inputs, once.Inputs);
            Assert.Equal(once.Inputs, twice.Inputs);
            Assert.Equal(once.Faults, twice.Faults);
            Assert.DoesNotContain("hunter2", string.Concat(once.Faults), StringComparison.Ordinal);
            if (once.Faults.Count == 0 && old.Faults.Count == 0 && !old.Inputs.ContainsUnknown)
            {
                Diff(resource, old.Inputs, once.Inputs);
            }
        }
    }, iter: Iterations);

    [Fact]
    public void A_VM_that_stays_as_it_is_has_no_diff_and_none_is_replaced_unasked() => Gen.Select(Machine, Machine).Sample((olds, news) =>
    {
        var resource = Resources[3];
        var old = Check(resource, ObjectValue.Empty, olds);
        if (old.Faults.Count > 0 || old.Inputs.ContainsUnknown)
        {
            return;
        }

        Assert.DoesNotContain(Diff(resource, old.Inputs, old.Inputs).Entries, entry => entry.Path.TopLevel != "host");
        var @new = Check(resource, old.Inputs, news);
        var diff = Diff(resource, old.Inputs, @new.Inputs);
        Assert.True(news["forceDestroy"] is BoolValue { Truth: true } || !diff.Entries.Any(entry => entry.Replaces));
        Assert.Equal(diff.DeleteBeforeReplace, diff.Entries.Any(entry => entry.Replaces));

        // What would be lost is allowed, or refused.
        var lost = DiskChanges.Of(DiskList.Read(old.Inputs["disks"])!, DiskList.Read(news["disks"])!);
        var isLoss = lost.Exchanged.Count > 0 || lost.Removed.Any(index => DiskList.Read(old.Inputs["disks"])!.Disks[index].Volume.Length == 0);
        Assert.True(!isLoss || news["forceDestroy"] is BoolValue { Truth: true } || @new.Faults.Count > 0);
    }, iter: Iterations);

    [Fact]
    public async Task Previews_fail_only_for_reasons_that_are_understood()
    {
        await using var served = await ServedFabric.StartAsync();
        await Gen.Select(Inputs, Machine, Machine).SampleAsync(async (any, olds, news) =>
        {
            var old = Check(Resources[3], ObjectValue.Empty, olds);
            if (old.Faults.Count == 0 && !old.Inputs.ContainsUnknown)
            {
                var @new = Check(Resources[3], old.Inputs, news);
                await UnderstoodAsync(() => served.Engine.UpdateAsync(ServedFabric.Machine, "web", "id", old.Inputs, State(old.Inputs), @new.Inputs, preview: true));
            }

            foreach (var resource in Resources)
            {
                var inputs = Check(resource, ObjectValue.Empty, any);
                if (inputs.Faults.Count == 0)
                {
                    await UnderstoodAsync(() => served.Engine.CreateAsync(resource.Token, "x", inputs.Inputs, preview: true));
                }
            }
        }, iter: 300, threads: 1);
        Assert.Empty(served.Fabric.Calls);
    }

    private static async Task UnderstoodAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (RpcException fault)
        {
            Assert.Equal(StatusCode.FailedPrecondition, fault.StatusCode);
        }
    }

    private static CheckAnswer Check(Resource resource, ObjectValue olds, ObjectValue news) => resource.RunCheck(new CheckCall("urn", "web", olds, news, new byte[] { 1, 2, 3 }, AutoNaming.Default));

    private static DiffAnswer Diff(Resource resource, ObjectValue old, ObjectValue @new) => resource.RunDiff(new DiffCall("id", "urn", old, State(old), @new, []));

    private static ObjectValue State(ObjectValue inputs) => inputs.With("location", "a").With("settledHost", "a").With("state", "running").With("addresses", List()).With("sizeBytes", 1)
        .With("gateway", "10.1.0.1").With("mtu", 1330).With("vni", 1).With("bridge", "bk1").With("virtualSizeBytes", 1).With("schemaVersion", 1);

    private static Gen<PropertyValue> Part(params string[] names)
        => Gen.Select(Gen.OneOf(names), Scalar).Array[0, 3].Select(pairs => (PropertyValue)new ObjectValue(pairs.DistinctBy(pair => pair.Item1).Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2))));
}
