using System.Runtime.InteropServices;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Machine;

/// <summary>What the machine under us is, as its kernel tells.</summary>
internal static class MachineFacts
{
    public static string MachineId => File.ReadAllText("/etc/machine-id").Trim();

    public static string BootId => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>As <c>uname -m</c> says it.</summary>
    public static string Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "x86_64",
        System.Runtime.InteropServices.Architecture.Arm64 => "aarch64",
        var other => other.ToString().ToLowerInvariant(),
    };

    public static string OperatingSystem
        => ReadLines("/etc/os-release").FirstOrDefault(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?["PRETTY_NAME=".Length..].Trim('"') ?? "Linux";

    /// <summary>All of the machine, whatever is used of it; storage: the file system under <see cref="AgentPaths.State"/>.</summary>
    public static Capacity Capacity
    {
        get
        {
            var memory = ReadLines("/proc/meminfo").First(line => line.StartsWith("MemTotal:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
            return new Capacity
            {
                Vcpus = ReadLines("/proc/cpuinfo").Count(line => line.StartsWith("processor", StringComparison.Ordinal)),
                MemoryMib = long.Parse(memory) / 1024,
                StorageGib = new DriveInfo(Directory.Exists(AgentPaths.State) ? AgentPaths.State : "/var/lib").TotalSize >> 30,
            };
        }
    }

    public static Cpu Cpu
    {
        get
        {
            var lines = ReadLines("/proc/cpuinfo");
            return new Cpu { Vendor = Value("vendor_id"), Model = Value("model name") };

            string Value(string name)
                => lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[^1].Trim() ?? "";
        }
    }

    /// <summary>Which hardware virtualisation the processor says it has: <c>vmx</c>, <c>svm</c>, or null for none.</summary>
    public static string? Virtualisation => VirtualisationOf(ReadLines("/proc/cpuinfo"));

    /// <summary>The same, out of the lines of <c>/proc/cpuinfo</c>.</summary>
    internal static string? VirtualisationOf(IEnumerable<string> processor)
        => processor.FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal))?.Split(':', 2)[^1].Split(' ').FirstOrDefault(flag => flag is "vmx" or "svm");

    public static string? Qemu => Command.Find($"qemu-system-{Architecture}");

    private static string[] ReadLines(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];
}
