using System.Diagnostics;
using Pulumi.Blanket.Agent.Layers;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Tests.Support;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab.Requirements;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>What follows from a proof of KVM: how long it holds, and which layer a host gets.</summary>
public sealed class LayerProofTests
{
    private const int FiveMinutes = 300_000;

    [Theory]
    [InlineData(33, KvmProof.Proven)]
    [InlineData(0, KvmProof.Refused)]
    [InlineData(1, KvmProof.Refused)]
    [InlineData(35, KvmProof.Refused)]
    [InlineData(137, KvmProof.Unproven)] // killed, as for want of memory
    [InlineData(143, KvmProof.Unproven)]
    public void OnlyTheGuestItselfSaysYesOrNo(int exitCode, object outcome)
        => Assert.Equal((outcome, outcome is KvmProof.Proven), (LayerProof.Judge(exitCode, "because").Outcome, LayerProof.Judge(exitCode, "because").Fault is null));

    [Theory]
    [InlineData("KVM internal error. Suberror: 1", true)]
    [InlineData("error: kvm run failed Function not implemented", true)]
    [InlineData("error: kvm run failed Cannot allocate memory", false)]
    [InlineData("KVM: entry failed, hardware error 0x80000021", true)]
    [InlineData("qemu-system-x86_64: warning: host doesn't support requested feature: CPUID.01H:ECX.pni [bit 0]", false)]
    public void AGuestThatKvmGaveUpIsNotWaitedFor(string complaint, bool isGivenUp) => Assert.Equal(isGivenUp, LayerProof.IsGivenUp(complaint));

    [Theory]
    [InlineData(KvmProof.Proven, ProofUse.TryAgain, int.MaxValue, false)]
    [InlineData(KvmProof.Refused, ProofUse.Glance, int.MaxValue, false)]
    [InlineData(KvmProof.Refused, ProofUse.Wait, int.MaxValue, false)]
    [InlineData(KvmProof.Refused, ProofUse.TryAgain, 0, true)]
    [InlineData(KvmProof.Unproven, ProofUse.Glance, FiveMinutes, false)]
    [InlineData(KvmProof.Unproven, ProofUse.Glance, FiveMinutes + 1, true)]
    [InlineData(KvmProof.Unproven, ProofUse.Wait, 0, false)]
    [InlineData(KvmProof.Unproven, ProofUse.TryAgain, 0, true)]
    public void WhatIsNotCertainIsTriedAgainButNotByEveryRead(object outcome, object use, int ageMs, bool isDue)
        => Assert.Equal(isDue, LayerProof.IsDue(new LayerProofRecord("x", (KvmProof)outcome, null, 1000), (ProofUse)use, 1000L + ageMs));

    [Theory]
    // wanted, proof, active, in a fabric, what it gets
    [InlineData(Layer.Unspecified, KvmProof.Proven, Layer.Unspecified, false, Layer.Kvm)]
    [InlineData(Layer.Unspecified, KvmProof.Refused, Layer.Unspecified, false, Layer.Qemu)]
    [InlineData(Layer.Unspecified, KvmProof.Unproven, Layer.Unspecified, false, Layer.Qemu)]
    [InlineData(Layer.Unspecified, KvmProof.Unproven, Layer.Kvm, false, Layer.Kvm)]
    [InlineData(Layer.Unspecified, KvmProof.Unproven, Layer.Kvm, true, Layer.Kvm)]
    [InlineData(Layer.Unspecified, KvmProof.Unproven, Layer.Qemu, true, Layer.Qemu)]
    [InlineData(Layer.Unspecified, KvmProof.Refused, Layer.Kvm, false, Layer.Qemu)]
    [InlineData(Layer.Unspecified, KvmProof.Proven, Layer.Qemu, false, Layer.Kvm)]
    [InlineData(Layer.Unspecified, KvmProof.Proven, Layer.Qemu, true, Layer.Qemu)] // its VMs go on as they are
    [InlineData(Layer.Kvm, KvmProof.Unproven, Layer.Kvm, true, Layer.Kvm)]
    [InlineData(Layer.Kvm, KvmProof.Proven, Layer.Qemu, false, Layer.Kvm)]
    [InlineData(Layer.Qemu, KvmProof.Proven, Layer.Unspecified, true, Layer.Qemu)]
    public void AHostGetsTheBestLayerAndNeverLosesItToASlowProof(object wanted, object proof, object active, bool isMember, object layer)
        => Assert.Equal(layer, LayerChoice.Choose((Layer)wanted, (KvmProof)proof, "because", (Layer)active, isMember ? "blue" : null));

    [Theory]
    [InlineData(Layer.Kvm, KvmProof.Refused, Layer.Unspecified, false, "KVM runs no guest on this machine: because")]
    [InlineData(Layer.Kvm, KvmProof.Unproven, Layer.Unspecified, false, "could not be proved: because")]
    [InlineData(Layer.Kvm, KvmProof.Proven, Layer.Qemu, true, "can't change from qemu to kvm")]
    [InlineData(Layer.Qemu, KvmProof.Proven, Layer.Kvm, true, "can't change from kvm to qemu")]
    [InlineData(Layer.Unspecified, KvmProof.Refused, Layer.Kvm, true, "KVM runs no guest on this machine any more: because")]
    public void WhatCantBeIsRefusedWithItsReason(object wanted, object proof, object active, bool isMember, string reason)
        => Assert.Contains(reason, Assert.Throws<AgentException>(
            () => LayerChoice.Choose((Layer)wanted, (KvmProof)proof, "because", (Layer)active, isMember ? "blue" : null)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("flags\t\t: fpu vmx sse", "vmx")]
    [InlineData("flags\t\t: fpu svm", "svm")]
    [InlineData("flags\t\t: fpu svm_lock vmxnet", null)]
    [InlineData("vmx flags\t: ept", null)]
    public void TheProcessorsFlagsAreWords(string line, string? flag) => Assert.Equal(flag, Agent.Machine.MachineFacts.VirtualisationOf(["processor\t: 0", line]));

    [Fact]
    public async Task TheTestGuestIsWhatItsSourceAssemblesTo()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/as") && File.Exists("/usr/bin/objcopy"), "there are no binutils");
        var folder = Directory.CreateTempSubdirectory("blanket-proof").FullName;
        try
        {
            var (built, source) = (Path.Combine(folder, "proof.bin"), Path.Combine(Path.GetDirectoryName(AgentProgram.Solution)!, "provider/Pulumi.Blanket.Agent/Layers/proof.s"));
            await RunAsync("as", "--64", source, "-o", Path.Combine(folder, "proof.o"));
            await RunAsync("objcopy", "-O", "binary", "-j", ".text", Path.Combine(folder, "proof.o"), built);
            var token = TestContext.Current.CancellationToken;
            Assert.Equal(await File.ReadAllBytesAsync(built, token), await File.ReadAllBytesAsync(Path.ChangeExtension(source, ".bin"), token));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static async Task RunAsync(string program, params string[] arguments)
        {
            using var run = Process.Start(program, arguments);
            await run.WaitForExitAsync();
            Assert.Equal(0, run.ExitCode);
        }
    }
}
