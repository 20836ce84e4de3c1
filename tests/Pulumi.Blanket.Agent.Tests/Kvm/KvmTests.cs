using Pulumi.Blanket.Agent.Layers;
using Pulumi.Blanket.Agent.Tests.Support;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Agent.Tests.Kvm;

/// <summary>Whether the agent, as users get it, finds KVM where it runs guests, and does not where it runs none. The KVM is real: that of an emulated machine.</summary>
public sealed class KvmTests
{
    [LabFact]
    [Trait("kvm", "yes")]
    public async Task KvmIsFoundWhereItRunsGuestsAndOnlyThere()
    {
        using InitialFiles files = new();
        await files.AddProgramAsync(AgentProgram.Path, "/usr/bin/blanket-agent");
        await files.AddProgramAsync("/usr/bin/qemu-system-x86_64");
        foreach (var library in new[] { "libssl.so.3", "libcrypto.so.3" })
        {
            await files.AddProgramAsync($"/usr/lib/x86_64-linux-gnu/{library}"); // the runtime opens them by itself
        }

        files.Add("/usr/share/qemu/kvmvapic.bin");
        files.Write("/old/firmware", LoopingFirmware());
        files.Write("/old/qemu-system-x86_64", """
            #!/bin/sh
            # A test guest that KVM never gets through its first steps, in the place of the agent's.
            case "$*" in *isa-debug-exit*) set -- $(echo "$@" | sed 's|-bios [^ ]*|-bios /old/firmware|');; esac
            exec /usr/bin/qemu-system-x86_64 "$@"

            """);

        var said = await EmulatedMachine.RunAsync(files, """
            facts() { say $1 $(blanket-agent facts | base64 -w 0) ; }
            facts no-device
            mknod /dev/kvm c 10 232
            facts no-module
            rm /dev/kvm
            for module in irqbypass kvm kvm-amd; do insmod /modules/$module.ko; done
            rm -f /run/blanket/layer.json
            facts sound
            say kept $(tr -d '\n' < /run/blanket/layer.json)
            mkdir -p /usr/local/sbin
            cp /old/qemu-system-x86_64 /usr/local/sbin/
            facts looping
            """);

        Facts("no-device", Layer.Qemu, KvmProof.Refused, "though the processor has svm: the kernel's module kvm_amd is not there, or not loaded");
        Facts("no-module", Layer.Qemu, KvmProof.Refused, "the test guest ended with 1");
        Facts("sound", Layer.Kvm, KvmProof.Proven, "");
        Assert.Contains("\"proven\"", said["kept"], StringComparison.OrdinalIgnoreCase);
        Facts("looping", Layer.Qemu, KvmProof.Unproven, "the test guest took longer than 10 s");

        void Facts(string name, Layer layer, KvmProof proof, string fault)
        {
            Assert.True(said.TryGetValue(name, out var text), $"the emulated machine did not get to '{name}'");
            var facts = HostFacts.Parser.ParseFrom(Convert.FromBase64String(text));
            Assert.Equal((name, layer, proof), (name, facts.BestLayer, facts.KvmProof));
            Assert.Contains(fault, facts.KvmFault, StringComparison.Ordinal);
            Assert.Equal(fault.Length == 0, facts.KvmFault.Length == 0);
            Assert.True(facts.KvmExpected);
        }
    }

    /// <summary>The agent's test guest with a GDT that the processor has to write to, though it lies in ROM: KVM tries that for ever.</summary>
    private static byte[] LoopingFirmware()
    {
        var firmware = new byte[64 * 1024];
        using var guest = typeof(Layers.LayerProof).Assembly.GetManifestResourceStream("proof.bin")!;
        guest.ReadExactly(firmware, 0, (int)guest.Length);
        byte[] jump = [0xea, 0x00, 0x00, 0x00, 0xf0];
        jump.CopyTo(firmware, 0xfff0);
        ReadOnlySpan<byte> start = [0xff, 0xff, 0, 0, 0];
        var accessed = 0;
        for (var at = 0; at < (int)guest.Length - 8; at++)
        {
            // A descriptor: limit ffff, base 0, access byte, and cf or af.
            if (firmware.AsSpan(at, start.Length).SequenceEqual(start) && firmware[at + 5] is 0x9b or 0x93)
            {
                firmware[at + 5]--;
                accessed++;
            }
        }

        Assert.Equal(3, accessed);
        return firmware;
    }
}
