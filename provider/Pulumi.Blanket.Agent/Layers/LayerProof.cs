using System.Text.Json;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Layers;

/// <summary>
/// Whether hardware virtualisation runs a guest here. That <c>/dev/kvm</c> exists and can be opened says little: nested in another
/// hypervisor it may start guests that never get through their first steps. So a guest of 318 bytes (<c>proof.s</c>) is run.
/// </summary>
internal static class LayerProof
{
    /// <summary>QEMU's exit code when the guest got to its end: isa-debug-exit gives (0x10 &lt;&lt; 1) | 1.</summary>
    private const int Proven = 33;

    private const int FirmwareBytes = 64 * 1024;
    private const int ResetVector = 0xfff0;

    /// <summary>The guest takes 50 ms where it runs; where it does not it hangs.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>Why KVM does not run guests here; null where it does. The answer is kept for this boot and this QEMU.</summary>
    public static async Task<string?> FindKvmFaultAsync(string? qemu, string hypervisorVersion, CancellationToken cancellationToken)
    {
        if (!File.Exists("/dev/kvm"))
        {
            return "there is no /dev/kvm: the machine has no hardware virtualisation, or its cloud does not pass it on";
        }

        if (MachineFacts.Architecture != "x86_64")
        {
            return $"whether KVM runs guests on {MachineFacts.Architecture} can't be tried yet";
        }

        if (qemu is null)
        {
            return "QEMU is not installed, so KVM could not be tried";
        }

        var subject = SubjectOf(qemu, hypervisorVersion);
        if (Read() is { } kept && kept.Subject == subject)
        {
            return kept.Fault;
        }

        // Once more where it failed: a machine that is busy booting may be too slow for once, and the answer is kept.
        var fault = await TryAsync(qemu, cancellationToken) is null ? null : await TryAsync(qemu, cancellationToken);
        Directory.CreateDirectory(AgentPaths.Runtime);
        DurableFile.Write(AgentPaths.LayerProof, JsonSerializer.Serialize(new LayerProofRecord(subject, fault), AgentJson.Default.LayerProofRecord), DurableFile.Readable);
        return fault;
    }

    /// <summary>Which QEMU it is: another version, or another file, is another.</summary>
    public static string SubjectOf(string qemu, string hypervisorVersion) => $"{qemu} {hypervisorVersion} {File.GetLastWriteTimeUtc(qemu):O}";

    private static async Task<string?> TryAsync(string qemu, CancellationToken cancellationToken)
    {
        var firmware = Path.Combine(Directory.CreateTempSubdirectory("blanket-proof").FullName, "firmware");
        try
        {
            await File.WriteAllBytesAsync(firmware, Firmware(), cancellationToken);
            var outcome = await Command.RunAsync(qemu,
                ["-accel", "kvm", "-machine", "q35", "-m", "16", "-nodefaults", "-display", "none", "-bios", firmware, "-device", "isa-debug-exit,iobase=0xf4,iosize=1"],
                timeout: Limit, cancellationToken: cancellationToken);
            return outcome.ExitCode == Proven ? null : $"/dev/kvm is there, but a test guest ended with {outcome.ExitCode}: {outcome.Complaint}";
        }
        catch (AgentException fault) when (fault.Fault == AgentFault.Unavailable)
        {
            return "/dev/kvm is there, but a test guest did not get through its first steps within 1 s";
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(firmware)!, recursive: true);
        }
    }

    private static byte[] Firmware()
    {
        var image = new byte[FirmwareBytes];
        using var code = typeof(LayerProof).Assembly.GetManifestResourceStream("proof.bin")!;
        code.ReadExactly(image, 0, (int)code.Length);
        // jmp 0xf000:0x0000
        byte[] jump = [0xea, 0x00, 0x00, 0x00, 0xf0];
        jump.CopyTo(image, ResetVector);
        return image;
    }

    private static LayerProofRecord? Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(AgentPaths.LayerProof), AgentJson.Default.LayerProofRecord);
        }
        catch (Exception fault) when (fault is IOException or JsonException)
        {
            return null;
        }
    }
}
