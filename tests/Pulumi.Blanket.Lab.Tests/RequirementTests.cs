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

    [LabFact]
    public async Task Without_root_the_command_says_so()
    {
        var up = await BlanketCommand.RunThroughAsync(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/tmp", "DOTNET_CLI_HOME=/tmp"], "lab", "up", "lab-nobody");
        Assert.Equal(2, up.ExitCode);
        Assert.StartsWith("error: a lab needs root", up.Error, StringComparison.Ordinal);
        Assert.Empty(Traces.Of("lab-nobody"));
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
    [InlineData("lab ssh aws-1 --lab nowhere", "there is no lab 'nowhere'")]
    [InlineData("lab exec nowhere -- true", "there is no lab 'nowhere'")]
    [InlineData("lab rate aws-1 fast", "'fast'")]
    public async Task A_wrong_command_line_is_told_what_is_wrong(string line, string expected)
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

        public IReadOnlyList<string> Missing { get; init; } = [];

        public IReadOnlyList<string> Features { get; init; } = [];

        public string FileSystem { get; init; } = "ext2/ext3";

        public bool HasProgram(string program) => !Missing.Contains(program);

        public bool HasFile(string pattern) => !Missing.Contains(pattern);

        public Task<IReadOnlyList<string>> MissingKernelFeaturesAsync(CancellationToken cancellationToken) => Task.FromResult(Features);

        public Task<string> FileSystemTypeAsync(string path, CancellationToken cancellationToken) => Task.FromResult(FileSystem);
    }
}
