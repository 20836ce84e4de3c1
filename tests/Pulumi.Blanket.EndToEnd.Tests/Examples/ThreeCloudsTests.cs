using System.Text.Json;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.EndToEnd.Tests.Examples;

/// <summary>The example <c>three-clouds</c>, from `blanket new` to `blanket destroy`, as a new user runs it, and with the command killed in the middle.</summary>
public sealed class ThreeCloudsTests(ExampleLab lab) : IClassFixture<ExampleLab>
{
    private const int LongestMilliseconds = 15_000;

    private static readonly string[] Up = ["up", "--yes", "--skip-preview"];
    private static readonly string[] Destroy = ["destroy", "--yes", "--skip-preview"];

    [LabFact]
    public async Task FromNothingToMachinesThatAnswerAndBack()
    {
        var folder = await MakeProjectAsync();
        using var preview = JsonDocument.Parse(await lab.RunWellAsync(folder, ["preview", "--json"]));
        Assert.Equal(11, preview.RootElement.GetProperty("changeSummary").GetProperty("create").GetInt32());
        Assert.Empty(await DomainsAsync());

        await lab.RunWellAsync(folder, Up);
        await lab.RunWellAsync(folder, [.. Up, "--expect-no-changes"]);
        Assert.StartsWith("web is running on aws-1, at 10.60.0.11", await lab.RunWellAsync(folder, ["stack", "output", "web"]), StringComparison.Ordinal);
        Assert.Equal("[secret]", (await lab.RunWellAsync(folder, ["stack", "output", "loginKey"])).Trim());

        // The machines have the key that the program made, and are found by their names.
        var key = Path.Combine(folder, "key");
        await File.WriteAllTextAsync(key, await lab.RunWellAsync(folder, ["stack", "output", "loginKey", "--show-secrets"]));
        File.SetUnixFileMode(key, UnixFileMode.UserRead);
        await Eventually.TrueAsync(
            async () => (await lab.RunAsync(folder, ["ssh", "db", "--", "-i", key, "-o", $"UserKnownHostsFile={folder}/known", "hostname"])).Output.Trim() == "db", "a login on db says its name");
        var console = lab.Start(folder, ["console", "web"]);
        var line = await console.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(180));
        Assert.False(string.IsNullOrEmpty(line));
        console.StandardInput.Close();
        await console.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(180));
        Assert.Equal(0, console.ExitCode);
        Assert.Contains("has no VM 'nobody'; it has", (await lab.RunAsync(folder, ["ssh", "nobody"])).Error, StringComparison.Ordinal);

        await lab.RunWellAsync(folder, Destroy);
        await AssertNothingLeftAsync(folder);
    }

    [LabFact]
    [Trait("campaign", "yes")]
    public Task KilledInTheMiddleTheNextRunEndsWhereAnUndisturbedOneDoes() => Seeds.RunAsync("example-crash", few: 1, full: 50, async seed =>
    {
        Random random = new(seed);
        var folder = await MakeProjectAsync();
        await DisturbAsync(folder, random, Up);
        await lab.RunWellAsync(folder, Up);
        Assert.Equal(["ci", "db", "web"], (await DomainsAsync()).Select(name => name.Split('-')[0]).Order(StringComparer.Ordinal));
        await lab.RunWellAsync(folder, [.. Up, "--expect-no-changes"]);
        using var state = JsonDocument.Parse(await lab.RunWellAsync(folder, ["stack", "export"]));
        var deployment = state.RootElement.GetProperty("deployment");
        Assert.Equal(12, deployment.GetProperty("resources").GetArrayLength());
        Assert.False(deployment.TryGetProperty("pending_operations", out _));

        await DisturbAsync(folder, random, Destroy);
        await lab.RunWellAsync(folder, Destroy);
        await AssertNothingLeftAsync(folder);
    });

    private async Task DisturbAsync(string folder, Random random, string[] command)
    {
        for (var cuts = random.Next(1, 3); cuts > 0; cuts--)
        {
            await lab.RunAndKillAsync(folder, command, TimeSpan.FromMilliseconds(random.Next(500, LongestMilliseconds)));
        }
    }

    private async Task<string> MakeProjectAsync()
    {
        var folder = lab.MakeFolder();
        var said = await lab.RunWellAsync(folder, ["new", "three-clouds", "--name", "shop", "--yes"]);
        Assert.Contains("blanket config set --secret key", said, StringComparison.Ordinal);
        foreach (var host in lab.Lab.Hosts)
        {
            await lab.RunWellAsync(folder, ["config", "set", host.Definition.Cloud, host.Address]);
        }

        await lab.RunWellAsync(folder, ["config", "set", "image", Path.Combine(lab.Lab.GuestFolder, "guest.qcow2")]);
        await lab.RunWellAsync(folder, ["config", "set", "vcpusPerCore", "16"]);
        await lab.RunWellAsync(folder, ["config", "set", "--secret", "key"], await File.ReadAllTextAsync(lab.Lab.PrivateKeyFile));
        return folder;
    }

    private async Task AssertNothingLeftAsync(string folder)
    {
        Assert.Empty(await DomainsAsync());
        using var state = JsonDocument.Parse(await lab.RunWellAsync(folder, ["stack", "export"]));
        Assert.False(state.RootElement.GetProperty("deployment").TryGetProperty("resources", out _));
        foreach (var host in lab.Lab.Hosts)
        {
            Assert.Equal("end", (await host.RunOrThrowAsync(["sh", "-c", "find /var/lib/blanket /usr/local/sbin/blanket-agent 2>/dev/null; grep ^blanket: /etc/passwd; echo end"])).Trim());
        }

        await lab.RunWellAsync(folder, ["stack", "rm", "--yes"]);
    }

    private async Task<IReadOnlyList<string>> DomainsAsync()
        => [.. (await Task.WhenAll(lab.Lab.Hosts.Select(host => host.RunAsync(["virsh", "list", "--all", "--name"])))).SelectMany(answer => answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
}
