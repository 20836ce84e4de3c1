using System.Runtime.InteropServices;
using Pulumi.Blanket.Lab.Machine;

namespace Pulumi.Blanket.Lab.Requirements;

/// <summary>The facts of the machine that this process runs on.</summary>
public sealed class MachineFacts : IMachineFacts
{
    // Each line is tried in a network namespace that ends with the shell: name, then the command that needs the feature.
    private const string KernelProbe = """
        try() { name=$1; shift; "$@" > /dev/null 2>&1 || echo "$name"; }
        grep -qw overlay /proc/filesystems || modprobe -q overlay 2> /dev/null || echo overlay
        [ -e /dev/loop-control ] || modprobe -q loop 2> /dev/null || echo loop
        [ -e /dev/net/tun ] || echo tun
        try bridge ip link add b0 type bridge
        try veth ip link add v0 type veth peer name v1
        try ifb ip link add i0 type ifb
        try vxlan ip link add x0 type vxlan id 1 dstport 4789 local 127.0.0.1
        try sch_tbf tc qdisc add dev b0 root tbf rate 1mbit burst 32k latency 50ms
        try sch_ingress tc qdisc add dev v0 ingress
        try act_mirred tc filter add dev v0 parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev i0
        try 'nf_tables (bridge)' nft add table bridge t
        try 'nf_tables (nat)' nft 'add table ip t; add chain ip t c { type nat hook postrouting priority 100; }; add rule ip t c masquerade'
        """;

    public bool IsLinuxX64 => OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64;

    public bool IsRoot => Environment.IsPrivilegedProcess;

    public bool IsInsideLab => File.Exists("/run/inside-blanket-lab");

    public bool HasProgram(string program)
        => program.StartsWith('/')
            ? File.Exists(program)
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    public bool HasFile(string pattern)
        => Path.GetDirectoryName(pattern) is { } folder && Directory.Exists(folder)
            && Directory.EnumerateFileSystemEntries(folder, Path.GetFileName(pattern)).Any();

    public async Task<IReadOnlyList<string>> MissingKernelFeaturesAsync(CancellationToken cancellationToken)
    {
        var probe = await CommandRunner.RunAsync("unshare", ["--net", "--mount", "--pid", "--fork", "sh", "-c", KernelProbe], cancellationToken: cancellationToken);
        return probe.ExitCode == 0 || probe.Output.Length > 0
            ? probe.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : [$"namespaces ({probe.Error.Trim()})"];
    }

    public async Task<IReadOnlyList<string>> FoldersOnOtherFileSystemsAsync(IReadOnlyList<string> folders, CancellationToken cancellationToken)
    {
        var devices = (await CommandRunner.RunAsync("stat", ["--dereference", "--format=%d", "/", .. folders], cancellationToken: cancellationToken)).OutputOrThrow().Split('\n');
        return [.. folders.Zip(devices.Skip(1)).Where(pair => pair.Second != devices[0]).Select(pair => pair.First)];
    }

    public async Task<string> FileSystemTypeAsync(string path, CancellationToken cancellationToken)
    {
        while (!Directory.Exists(path))
        {
            path = Path.GetDirectoryName(path) ?? "/";
        }

        return (await CommandRunner.RunAsync("stat", ["--file-system", "--format=%T", path], cancellationToken: cancellationToken)).OutputOrThrow();
    }
}
