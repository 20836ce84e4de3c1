using System.Security.Cryptography;
using System.Text.Json;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Layers;

/// <summary>
/// Whether hardware virtualisation runs a guest here. That <c>/dev/kvm</c> exists and can be opened says little: nested in another
/// hypervisor it may start guests that never get through their first steps. So a guest of 318 bytes (<c>proof.s</c>) is run.
/// </summary>
/// <remarks>
/// A certain answer is kept for this boot, this QEMU and this test guest. A guest that was too slow is no answer: it is tried again by every adoption, and in
/// the background when somebody asks <see cref="AgentTimeouts.LayerProofRetry"/> later, so that nobody who only reads waits for it.
/// </remarks>
internal sealed class LayerProof
{
    private const string Device = "/dev/kvm";

    /// <summary>QEMU's exit code when the guest got to its end: isa-debug-exit gives (0x10 &lt;&lt; 1) | 1.</summary>
    private const int Success = 33;

    /// <summary>Exit codes of a program that somebody ended by SIGKILL or SIGTERM, such as the kernel when memory is short.</summary>
    private const int Killed = 128 + 9;
    private const int Terminated = 128 + 15;

    private const int FirmwareBytes = 64 * 1024;
    private const int ResetVector = 0xfff0;

    /// <summary>How QEMU begins to say so (its <c>accel/kvm/kvm-all.c</c> and <c>target/i386/kvm/kvm.c</c>).</summary>
    private static readonly string[] GivenUp = ["KVM internal error", "error: kvm run failed", "KVM: entry failed", "KVM: unknown exit"];

    /// <summary>ENOMEM and EAGAIN: of the moment.</summary>
    private static readonly string[] Passing = ["Cannot allocate memory", "Resource temporarily unavailable"];

    private readonly Lock _lock = new();
    private Task<LayerProofRecord>? _running;

    public static bool IsDeviceThere => File.Exists(Device);

    /// <returns>What is known, and why KVM is not proven; empty where it is.</returns>
    public async Task<(KvmProof Outcome, string Fault)> FindAsync(string? qemu, string hypervisorVersion, ProofUse use, CancellationToken cancellationToken)
    {
        if (!IsDeviceThere)
        {
            return (KvmProof.Refused, MachineFacts.Virtualisation is { } flag
                ? $"there is no /dev/kvm, though the processor has {flag}: the kernel's module kvm_{(flag == "vmx" ? "intel" : "amd")} is not there, or not loaded"
                : "there is no /dev/kvm: the machine has no hardware virtualisation, or its cloud does not pass it on");
        }

        if (MachineFacts.Architecture != "x86_64")
        {
            return (KvmProof.Refused, $"whether KVM runs guests on {MachineFacts.Architecture} can't be tried yet");
        }

        if (qemu is null)
        {
            return (KvmProof.Unproven, "QEMU is not installed, so KVM could not be tried");
        }

        var subject = $"{SubjectOf(qemu, hypervisorVersion)} {Convert.ToHexString(SHA256.HashData(Guest()))}";
        var kept = Read() is { } read && read.Subject == subject ? read : null;
        if (kept is not null && !IsDue(kept, use, Environment.TickCount64))
        {
            return Answer(kept);
        }

        var running = Run(qemu, subject);
        if (use == ProofUse.Glance)
        {
            // With an answer of before, nobody waits for the new one.
            var pause = kept is null ? AgentTimeouts.OfProcess.LayerProofGlance : TimeSpan.Zero;
            if (await Task.WhenAny(running, Task.Delay(pause, cancellationToken)) != running)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return kept is null ? (KvmProof.Unproven, "the test guest is still running") : Answer(kept);
            }
        }

        return Answer(await running.WaitAsync(cancellationToken));
    }

    /// <summary>Which QEMU it is: another version, or another file, is another.</summary>
    public static string SubjectOf(string qemu, string hypervisorVersion) => $"{qemu} {hypervisorVersion} {File.GetLastWriteTimeUtc(qemu):O}";

    /// <summary>Whether an answer that is kept is to be found anew.</summary>
    internal static bool IsDue(LayerProofRecord kept, ProofUse use, long nowMs) => kept.Outcome switch
    {
        KvmProof.Proven => false,
        _ when use == ProofUse.TryAgain => true,
        KvmProof.Unproven => nowMs - kept.EndedMs > AgentTimeouts.OfProcess.LayerProofRetry.TotalMilliseconds,
        _ => false,
    };

    /// <summary>What QEMU's end says.</summary>
    internal static (KvmProof Outcome, string? Fault) Judge(int exitCode, string complaint) => exitCode switch
    {
        Success => (KvmProof.Proven, null),
        Killed or Terminated => (KvmProof.Unproven, "the test guest was killed before it came to its end"),
        0 => (KvmProof.Refused, "/dev/kvm is there, but the test guest crashed"), // reset by a triple fault, which ends QEMU
        _ => (KvmProof.Refused, $"/dev/kvm is there, but the test guest ended with {exitCode}: {complaint}"),
    };

    /// <summary>QEMU stops such a guest and stays, so that it can be looked at: its exit would be waited for in vain.</summary>
    internal static bool IsGivenUp(string complaint)
        => GivenUp.Any(start => complaint.StartsWith(start, StringComparison.Ordinal)) && !Passing.Any(reason => complaint.Contains(reason, StringComparison.Ordinal));

    private static (KvmProof Outcome, string Fault) Answer(LayerProofRecord record) => (record.Outcome, record.Fault ?? "");

    /// <summary>One at a time, to its end: who asks meanwhile gets the same one.</summary>
    private Task<LayerProofRecord> Run(string qemu, string subject)
    {
        lock (_lock)
        {
            return _running is { IsCompleted: false } ? _running : _running = Task.Run(async () =>
            {
                var (outcome, fault) = await TryAsync(qemu);
                if (outcome == KvmProof.Refused)
                {
                    // Once more: the answer is kept, and a machine that is just booting may lack something for a moment.
                    (outcome, fault) = await TryAsync(qemu);
                }

                LayerProofRecord record = new(subject, outcome, fault, Environment.TickCount64);
                Directory.CreateDirectory(AgentPaths.Runtime);
                DurableFile.Write(AgentPaths.LayerProof, JsonSerializer.Serialize(record, LayerJson.Default.LayerProofRecord), DurableFile.Readable);
                return record;
            });
        }
    }

    private static async Task<(KvmProof Outcome, string? Fault)> TryAsync(string qemu)
    {
        var firmware = Path.Combine(Directory.CreateTempSubdirectory("blanket-proof").FullName, "firmware");
        using CancellationTokenSource givenUp = new();
        string? reason = null;
        try
        {
            await File.WriteAllBytesAsync(firmware, Firmware());
            var outcome = await Command.RunAsync(qemu,
                ["-accel", "kvm", "-machine", "q35", "-m", "16", "-nodefaults", "-display", "none", "-no-reboot", "-bios", firmware, "-device", "isa-debug-exit,iobase=0xf4,iosize=1"],
                timeout: AgentTimeouts.OfProcess.LayerProof, errorLine: Watch, cancellationToken: givenUp.Token);
            return Judge(outcome.ExitCode, outcome.Complaint);
        }
        catch (OperationCanceledException) when (reason is not null)
        {
            return (KvmProof.Refused, $"/dev/kvm is there, but KVM gave the test guest up: {reason}");
        }
        catch (AgentException fault)
        {
            return (KvmProof.Unproven, fault.Fault == AgentFault.Unavailable ? $"the test guest took longer than {AgentTimeouts.OfProcess.LayerProof.TotalSeconds:0.#} s" : fault.Message);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(firmware)!, recursive: true);
        }

        void Watch(string line)
        {
            if (reason is null && IsGivenUp(line))
            {
                reason = line.Trim();
                givenUp.Cancel();
            }
        }
    }

    private static byte[] Firmware()
    {
        var image = new byte[FirmwareBytes];
        Guest().CopyTo(image, 0);
        // jmp 0xf000:0x0000
        byte[] jump = [0xea, 0x00, 0x00, 0x00, 0xf0];
        jump.CopyTo(image, ResetVector);
        return image;
    }

    private static byte[] Guest()
    {
        using var code = typeof(LayerProof).Assembly.GetManifestResourceStream("proof.bin")!;
        var bytes = new byte[code.Length];
        code.ReadExactly(bytes);
        return bytes;
    }

    private static LayerProofRecord? Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(AgentPaths.LayerProof), LayerJson.Default.LayerProofRecord);
        }
        catch (Exception fault) when (fault is IOException or JsonException)
        {
            return null;
        }
    }
}
