using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Requirements;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Lab.Tests;

/// <summary>What a machine lacks is said in one error, with exit code 2, before anything is touched.</summary>
public sealed class RequirementTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_system_is_told_to_use_linux()
        => Assert.Contains("needs Linux on x86-64", await RefusalAsync(new Machine { IsLinuxX64 = false }), StringComparison.Ordinal);

    [Fact]
    public async Task A_missing_package_is_named_with_the_line_that_installs_it()
    {
        var refusal = await RefusalAsync(new Machine { Missing = ["/boot/vmlinuz-*-cloud-amd64", "virsh"] });
        Assert.Contains("not installed: libvirt-clients, linux-image-cloud-amd64;", refusal, StringComparison.Ordinal);
        Assert.Contains("\n  apt-get install --no-install-recommends libvirt-clients linux-image-cloud-amd64", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_kernel_feature_is_named()
        => Assert.Contains("does not offer: vxlan, sch_tbf;", await RefusalAsync(new Machine { Features = ["vxlan", "sch_tbf"] }), StringComparison.Ordinal);

    [Fact]
    public async Task A_folder_on_an_overlay_is_refused()
        => Assert.Contains(LabPaths.Variable, await RefusalAsync(new Machine { FileSystem = "overlayfs" }), StringComparison.Ordinal);

    [LabFact]
    public async Task This_machine_has_all_of_it()
        => await LabRequirements.CheckAsync(new MachineFacts(), SharedLab.Paths, Token);

    [Fact]
    public async Task Inside_a_lab_is_no_place_for_one()
        => Assert.Contains("runs inside a lab", await RefusalAsync(new Machine { IsInsideLab = true }), StringComparison.Ordinal);

    [Fact]
    public async Task Folders_that_hosts_would_not_see_are_named()
        => Assert.Contains("and /usr, /var lie on others", await RefusalAsync(new Machine { Apart = ["/usr", "/var"] }), StringComparison.Ordinal);

    [LabFact]
    public async Task Without_root_every_verb_says_so()
    {
        string[] nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/tmp", "DOTNET_CLI_HOME=/tmp"];
        var reach = await CommandRunner.RunAsync(nobody[0], [.. nobody.Skip(1), "dotnet", "--version"], cancellationToken: Token);
        Assert.SkipUnless(reach.ExitCode == 0 && (await CommandRunner.RunAsync(nobody[0], [.. nobody.Skip(1), "ls", AppContext.BaseDirectory], cancellationToken: Token)).ExitCode == 0,
            "the user 'nobody' can't reach dotnet, or this folder, here");
        foreach (var line in (string[])["up lab-nobody", "down lab-nobody", "status", "exec lab-nobody -- true", "ssh aws-1", "cut aws-1", "fault kill aws-1 host", "clean", "demo"])
        {
            var run = await BlanketCommand.RunThroughAsync(nobody, ["lab", .. line.Split(' ')]);
            Assert.True(run.ExitCode == 2 && run.Error.StartsWith("error: a lab needs root", StringComparison.Ordinal), $"{line}: {run.ExitCode} {run.Error}");
        }

        Assert.Empty(Traces.Of("lab-nobody"));
    }

    [LabTheory]
    [InlineData("/tmp/x")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("a\n")]
    public async Task What_is_no_name_harms_nothing(string name)
    {
        foreach (var verb in (string[])["up", "down", "status"])
        {
            var run = await BlanketCommand.RunAsync("lab", verb, name);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains($"'{name}' is no name", run.Error, StringComparison.Ordinal);
        }
    }

    [LabFact]
    public async Task A_PATH_without_sbin_is_enough()
    {
        var start = BlanketCommand.StartInfo("lab", "up", "lab-plain-path", "--file", "/nowhere");
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        Assert.Contains("can't be read", (await BlanketCommand.RunAsync(start)).Error, StringComparison.Ordinal);
        start = BlanketCommand.StartInfo("lab", "up", "lab-plain-path", "--host", "solo-1,storageGiB=1");
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        (await BlanketCommand.RunAsync(start)).OutputOrThrow();
        await Lab.DownAsync("lab-plain-path", SharedLab.Paths, Token);
    }

    [Fact]
    public void What_make_installs_is_what_the_lab_asks_for()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Pulumi.Blanket.sln")))
        {
            root = root.Parent!;
        }

        var script = File.ReadAllText(Path.Combine(root.FullName, ".ci/packages"));
        var installed = script[(script.IndexOf("packages=\"", StringComparison.Ordinal) + 10)..].Split('"')[0].Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        // The others are what the compiler of native programs links with, and what tests of the product find on hosts.
        Assert.Equal(LabRequirements.Packages.Select(package => package.Package).Order(), installed.Except(["gcc", "libc6-dev", "zlib1g-dev", "curl", "ovmf"]).Order());
    }

    [LabFact]
    public async Task Without_a_package_the_command_says_so()
    {
        // A PATH with all programs but one.
        var folder = Directory.CreateTempSubdirectory("lab-path-").FullName;
        try
        {
            foreach (var program in Directory.GetFiles("/usr/bin").Where(program => Path.GetFileName(program) is not ("qemu-img" or "genisoimage")))
            {
                File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(program)), program);
            }

            var start = BlanketCommand.StartInfo("lab", "up", "lab-lacking");
            start.Environment["PATH"] = $"{folder}:/usr/sbin:/sbin";
            var up = await BlanketCommand.RunAsync(start);
            Assert.Equal(2, up.ExitCode);
            Assert.Contains("apt-get install --no-install-recommends genisoimage qemu-utils", up.Error, StringComparison.Ordinal);
            Assert.Empty(Traces.Of("lab-lacking"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("lab fly", "'fly'")]
    [InlineData("lab up --host aws-1 --file lab.yaml", "not both")]
    [InlineData("lab up --file /nowhere/lab.yaml", "'/nowhere/lab.yaml' can't be read")]
    [InlineData("lab up UP", "'UP' is no name")]
    [InlineData("lab cut", "Required argument")]
    [InlineData("lab rate aws-1 fast", "'fast'")]
    public Task A_wrong_command_line_is_told_what_is_wrong(string line, string expected) => AssertUsageErrorAsync(line, expected);

    [LabTheory]
    [InlineData("lab ssh aws-1 --lab nowhere", "there is no lab 'nowhere'")]
    [InlineData("lab exec nowhere -- true", "there is no lab 'nowhere'")]
    public Task A_lab_that_is_not_there_is_named(string line, string expected) => AssertUsageErrorAsync(line, expected);

    private static async Task AssertUsageErrorAsync(string line, string expected)
    {
        var run = await BlanketCommand.RunAsync(line.Split(' '));
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    private static async Task<string> RefusalAsync(Machine machine)
    {
        var fault = await Assert.ThrowsAsync<LabException>(() => LabRequirements.CheckAsync(machine, SharedLab.Paths, Token));
        Assert.Equal(LabFailure.UnmetRequirement, fault.Failure);
        return fault.Message;
    }

    /// <summary>A machine that has all but what a test takes away.</summary>
    private sealed record Machine : IMachineFacts
    {
        public bool IsLinuxX64 { get; init; } = true;

        public bool IsRoot { get; init; } = true;

        public bool IsInsideLab { get; init; }

        public IReadOnlyList<string> Apart { get; init; } = [];

        public IReadOnlyList<string> Missing { get; init; } = [];

        public IReadOnlyList<string> Features { get; init; } = [];

        public string FileSystem { get; init; } = "ext2/ext3";

        public bool HasProgram(string program) => !Missing.Contains(program);

        public bool HasFile(string pattern) => !Missing.Contains(pattern);

        public Task<IReadOnlyList<string>> MissingKernelFeaturesAsync(CancellationToken cancellationToken) => Task.FromResult(Features);

        public Task<IReadOnlyList<string>> FoldersOnOtherFileSystemsAsync(IReadOnlyList<string> folders, CancellationToken cancellationToken) => Task.FromResult(Apart);

        public Task<string> FileSystemTypeAsync(string path, CancellationToken cancellationToken) => Task.FromResult(FileSystem);
    }
}
