using System.Diagnostics;
using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Tests.Kvm;

/// <summary>
/// A whole machine in software emulation, with an AMD processor that has hardware virtualisation: the KVM inside it is real, whatever this machine has.
/// It is made of Debian's cloud kernel and an initial file system alone, and runs one script.
/// </summary>
internal static class EmulatedMachine
{
    private const string Marker = "=== ";

    /// <summary>An idle machine takes a tenth of it.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs a script of busybox's shell to its end. The machine ends with it, with the test, and with the test's process.</summary>
    /// <param name="files">What is there besides busybox and the kernel's modules of KVM: programs with their libraries, and other files.</param>
    /// <returns>What the script said, by the lines <c>=== name text</c> that it wrote to the console.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> RunAsync(InitialFiles files, string script)
    {
        var folder = Directory.CreateTempSubdirectory("blanket-kvm").FullName;
        try
        {
            var (kernel, modules) = FindKernel();
            foreach (var module in new[] { "virt/lib/irqbypass.ko", "arch/x86/kvm/kvm.ko", "arch/x86/kvm/kvm-amd.ko" })
            {
                files.Add($"{modules}/kernel/{module}", $"/modules/{Path.GetFileName(module)}");
            }

            files.Add("/usr/bin/busybox", "/bin/busybox");
            files.Write("/init", $"""
                #!/bin/busybox sh
                /bin/busybox mkdir -p /proc /sys /dev /tmp /run /etc /var/lib
                /bin/busybox --install -s /bin
                export PATH=/usr/local/sbin:/usr/bin:/bin
                mount -t proc proc /proc
                mount -t sysfs sys /sys
                mount -t devtmpfs dev /dev
                echo 5eed5eed5eed5eed5eed5eed5eed5eed > /etc/machine-id
                say() {Braced("name=$1; shift; echo; echo \"" + Marker + "$name $*\";")}
                {script}
                poweroff -f

                """);
            var initrd = Path.Combine(folder, "initrd");
            var console = Path.Combine(folder, "console");
            await files.PackAsync(initrd);
            var errors = await EmulateAsync(
                ["-M", "q35", "-accel", "tcg,thread=multi", "-cpu", "EPYC-Rome,+svm,+npt", "-smp", "1", "-m", "1024", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                    "-kernel", kernel, "-initrd", initrd, "-append", "console=ttyS0 quiet panic=-1 no_timer_check", "-serial", $"file:{console}"]);
            var said = File.Exists(console) ? await File.ReadAllTextAsync(console) : "";
            TestContext.Current.TestOutputHelper?.WriteLine($"{said}\n{errors}");
            return said.Split('\n').Where(line => line.StartsWith(Marker, StringComparison.Ordinal))
                .Select(line => line[Marker.Length..].Trim().Split(' ', 2))
                .ToDictionary(words => words[0], words => words.ElementAtOrDefault(1) ?? "");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Braced(string body) => $"{{ {body} }}";

    /// <summary>A thread of its own starts it and waits for it: the kernel kills the machine when that thread has ended, however the test's process ends.</summary>
    private static async Task<string> EmulateAsync(IReadOnlyList<string> arguments)
    {
        TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        end.CancelAfter(Limit);
        Thread thread = new(() =>
        {
            try
            {
                using var machine = Process.Start(new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", "qemu-system-x86_64", .. arguments]) { RedirectStandardInput = true, RedirectStandardError = true })!;
                using var stop = end.Token.Register(machine.Kill);
                var errors = machine.StandardError.ReadToEnd();
                machine.WaitForExit();
                ended.SetResult(errors);
            }
            catch (Exception fault)
            {
                ended.SetException(fault);
            }
        })
        { IsBackground = true, Name = "emulated machine" };
        thread.Start();
        return await ended.Task;
    }

    /// <summary>The newest of Debian's cloud kernels, and where its modules are.</summary>
    private static (string Kernel, string Modules) FindKernel()
    {
        const string Prefix = "/boot/vmlinuz-";
        var kernel = Directory.GetFiles("/boot", "vmlinuz-*-cloud-amd64").Where(found => Directory.Exists($"/lib/modules/{found[Prefix.Length..]}/kernel/arch/x86/kvm")).Max(StringComparer.Ordinal)
            ?? throw new FileNotFoundException("there is no kernel of Debian's package linux-image-cloud-amd64 in /boot; run `make packages`");
        return (kernel, $"/lib/modules/{kernel[Prefix.Length..]}");
    }
}
