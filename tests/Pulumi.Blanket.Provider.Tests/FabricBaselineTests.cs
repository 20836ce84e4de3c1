using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Resources.Fabric;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>What hosts have in common, and what a user reads of those that have not: hosts of other kinds than this machine's can't be had in a lab.</summary>
public sealed class FabricBaselineTests
{
    [Fact]
    public void TheBestThatAllHave()
    {
        var baseline = FabricBaseline.Of(
            [("a", Facts(models: ["EPYC", "Westmere", "qemu64"], machines: ["pc-q35-7.2", "pc-q35-9.1", "pc-q35-10.0"])), ("b", Facts(models: ["qemu64", "Westmere"], machines: ["pc-q35-7.2", "pc-q35-9.1"]))],
            cpuModel: null, machineType: null);
        Assert.Equal(new FabricBaseline(Layer.Qemu, "x86_64", "Westmere", "pc-q35-9.1"), baseline);
        var newest = FabricBaseline.Of([("a", Facts(machines: ["pc-q35-9.1", "pc-q35-10.0", "pc-q35-7.2"]))], null, null);
        Assert.Equal("pc-q35-10.0", newest.MachineType);
    }

    [Fact]
    public void AMixIsAnErrorThatNamesTheHosts()
    {
        var layers = Assert.Throws<ProviderException>(() => FabricBaseline.Of([("a", Facts(Layer.Kvm)), ("b", Facts()), ("c", Facts())], null, null));
        Assert.Contains("kvm on a; qemu on b, c", layers.Message, StringComparison.Ordinal);
        var architectures = Assert.Throws<ProviderException>(() => FabricBaseline.Of([("a", Facts()), ("b", Facts(architecture: "aarch64"))], null, null));
        Assert.Contains("x86_64 on a; aarch64 on b", architectures.Message, StringComparison.Ordinal);
        Assert.Throws<ProviderException>(() => FabricBaseline.Of([("a", Facts(models: ["x"])), ("b", Facts(models: ["y"]))], null, null));
        Assert.Throws<ProviderException>(() => FabricBaseline.Of([("a", Facts(machines: ["pc-q35-7.2"])), ("b", Facts(machines: ["pc-q35-10.0"]))], null, null));
    }

    [Fact]
    public void AJoinerIsToldAllThatItLacks()
    {
        FabricBaseline baseline = new(Layer.Kvm, "x86_64", "EPYC", "pc-q35-9.1");
        Assert.Empty(baseline.Lacking(Facts(Layer.Kvm, models: ["EPYC"], machines: ["pc-q35-9.1"])));
        var lacking = string.Join('\n', baseline.Lacking(Facts()));
        Assert.Contains("layer kvm", lacking, StringComparison.Ordinal);
        Assert.Contains("CPU model EPYC", lacking, StringComparison.Ordinal);
        Assert.Contains("machine type pc-q35-9.1", lacking, StringComparison.Ordinal);
    }

    private static HostFacts Facts(Layer layer = Layer.Qemu, string architecture = "x86_64", string[]? models = null, string[]? machines = null) => new()
    {
        ActiveLayer = layer,
        Architecture = architecture,
        Cpu = new Cpu { UsableModels = { models ?? ["qemu64"] } },
        MachineTypes = { machines ?? ["pc-q35-7.2"] },
    };
}
