using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Lab.Tests;

/// <summary>Up and down: repeated, interrupted, side by side.</summary>
public sealed class LifecycleTests
{
    private const string WaitingName = "lab-waiting";
    private const int Terminate = 15;

    private static readonly string[] OneHost = ["--host", "solo-1,storageGiB=1"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task Up_twice_is_up_once_and_down_leaves_nothing()
    {
        const string Name = "lab-twice";
        var network = Traces.MachineNetwork();
        await Lab.DownAsync(Name, SharedLab.Paths, Token);
        (await BlanketCommand.RunAsync(["lab", "up", Name, .. OneHost])).OutputOrThrow();
        Assert.NotEmpty(Traces.Of(Name));
        var lab = await Lab.OpenAsync(Name, SharedLab.Paths, Token);
        var boot = await lab.Hosts[0].RunOrThrowAsync(["cat", "/proc/sys/kernel/random/boot_id"], cancellationToken: Token);

        // The machine lets as many hosts boot as labs may have.
        Assert.True(int.Parse(await File.ReadAllTextAsync("/proc/sys/fs/inotify/max_user_instances", Token), CultureInfo.InvariantCulture) >= 1024);

        // Twice: the same lab. A host that is off is started.
        Assert.Contains("up already", (await BlanketCommand.RunAsync(["lab", "up", Name, .. OneHost])).Error, StringComparison.Ordinal);
        Assert.Equal(boot, await lab.Hosts[0].RunOrThrowAsync(["cat", "/proc/sys/kernel/random/boot_id"], cancellationToken: Token));
        await lab.Hosts[0].KillAsync(FaultTarget.Host, Token);
        (await BlanketCommand.RunAsync(["lab", "up", Name, .. OneHost])).OutputOrThrow();
        Assert.True(lab.Hosts[0].IsOn);

        // With other hosts: refused, and nothing happens to the lab.
        var other = await BlanketCommand.RunAsync("lab", "up", Name);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("is up with other hosts (solo-1)", other.Error, StringComparison.Ordinal);
        Assert.True(lab.Hosts[0].IsOn);

        Assert.Contains("is gone", (await BlanketCommand.RunAsync("lab", "down", Name)).OutputOrThrow(), StringComparison.Ordinal);
        Assert.Empty(Traces.Of(Name));
        Assert.Equal(network, Traces.MachineNetwork());
        Assert.Contains("nothing to do", (await BlanketCommand.RunAsync("lab", "down", Name)).OutputOrThrow(), StringComparison.Ordinal);
        var gone = await BlanketCommand.RunAsync("lab", "status", Name);
        Assert.Equal(2, gone.ExitCode);
        Assert.Contains($"there is no lab '{Name}'", gone.Error, StringComparison.Ordinal);
    }

    [LabFact]
    public async Task Two_labs_side_by_side_do_not_see_each_other()
    {
        string[] names = ["lab-left", "lab-right"];
        await Task.WhenAll(names.Select(name => Lab.DownAsync(name, SharedLab.Paths, Token)));
        try
        {
            // Equal hosts, equal addresses, made at the same time.
            var labs = await Task.WhenAll(names.Select(name => Lab.UpAsync(
                new LabDefinition(name, [new HostDefinition { Name = "twin-1", Cloud = "twin" }, new HostDefinition { Name = "twin-2", Cloud = "twin" }]), SharedLab.Paths, new IgnoredProgress(), cancellationToken: Token)));
            Assert.Equal(labs[0].Hosts[0].Address, labs[1].Hosts[0].Address);
            foreach (var lab in labs)
            {
                await lab.Host("twin-1").RunOrThrowAsync(["sh", "-c", $"echo {lab.Name} > /root/lab"], cancellationToken: Token);
            }

            foreach (var lab in labs)
            {
                var seen = await lab.RunAsync(["ssh", .. lab.SshArguments(lab.Host("twin-1")), "cat /root/lab; ps ax"], cancellationToken: Token);
                Assert.StartsWith(lab.Name + "\n", seen.OutputOrThrow(), StringComparison.Ordinal);
                var processes = await lab.RunAsync(["ps", "axww"], cancellationToken: Token);
                Assert.DoesNotContain(names.First(name => name != lab.Name), seen.Output + processes.OutputOrThrow(), StringComparison.Ordinal);
            }

            // A fault in one is none in the other, and one goes without the other.
            await labs[0].Host("twin-1").KillAsync(FaultTarget.Host, Token);
            await labs[0].CutAsync("twin-2", cancellationToken: Token);
            (await labs[1].RunAsync(["ssh", .. labs[1].SshArguments(labs[1].Host("twin-2")), "true"], cancellationToken: Token)).OutputOrThrow();
            Assert.True(labs[1].Host("twin-1").IsOn);
            await Lab.DownAsync(names[0], SharedLab.Paths, Token);
            Assert.Empty(Traces.Of(names[0]));
            (await labs[1].RunAsync(["ssh", .. labs[1].SshArguments(labs[1].Host("twin-1")), "true"], cancellationToken: Token)).OutputOrThrow();
        }
        finally
        {
            await Task.WhenAll(names.Select(name => Lab.DownAsync(name, SharedLab.Paths, CancellationToken.None)));
        }

        Assert.All(names, name => Assert.Empty(Traces.Of(name)));
    }

    [LabFact]
    [Trait("campaign", "yes")]
    public async Task Down_after_up_was_killed_at_any_point_leaves_nothing()
    {
        const string Name = "lab-killed";
        await Lab.DownAsync(Name, SharedLab.Paths, Token);
        await Seeds.RunAsync("lab-up-kill", few: 2, full: 200, async seed =>
        {
            Random random = new(seed);
            // Mostly with everything in the cache; at times from nothing, and at times with the layer of a bare host.
            var cold = random.Next(4) == 0 ? Directory.CreateTempSubdirectory("lab-cold-").FullName : null;
            var paths = cold is null ? SharedLab.Paths : new LabPaths(cold);
            var bare = cold is not null && random.Next(2) == 0 ? ",bare" : "";
            var start = BlanketCommand.StartInfo("lab", "up", Name, "--host", $"half-1,storageGiB=1{bare}", "--host", "half-2,storageGiB=1,behind=half-1");
            var end = BlanketCommand.StartInfo("lab", "down", Name);
            start.Environment[LabPaths.Variable] = end.Environment[LabPaths.Variable] = paths.Root;
            using var up = Process.Start(start)!;
            _ = up.StandardOutput.ReadToEndAsync(Token);

            // A point: some step has been announced, and then some time passes.
            var steps = random.Next(0, 7);
            for (var step = 0; step < steps && await up.StandardError.ReadLineAsync(Token) is not null; step++)
            {
            }

            await Task.Delay(random.Next(0, cold is null ? 250 : 2000), Token);
            up.Kill();
            await up.WaitForExitAsync(Token);

            if (random.Next(2) == 0)
            {
                var down = (await BlanketCommand.RunAsync(end)).OutputOrThrow();
                Assert.True(Traces.Of(Name, paths) is [], $"{down}, but there is {string.Join("; ", Traces.Of(Name, paths))}");
            }
            else
            {
                // Or straight up again: the remains are cleared away, and the lab is whole.
                var lab = await Lab.UpAsync(new LabDefinition(Name, [new HostDefinition { Name = "whole-1", Cloud = "whole", StorageGiB = 1 }]), paths, new IgnoredProgress(), cancellationToken: Token);
                Assert.True(lab.Hosts[0].IsOn);
                await Lab.DownAsync(Name, paths, Token);
                Assert.Empty(Traces.Of(Name, paths));
            }

            if (cold is not null)
            {
                Directory.Delete(cold, recursive: true);
            }
        });
    }

    [LabFact]
    public async Task Two_labs_of_one_name_in_two_folders_are_two_labs()
    {
        const string Name = "lab-namesake";
        var other = new LabPaths(Directory.CreateTempSubdirectory("lab-other-").FullName);
        LabDefinition definition = new(Name, [new HostDefinition { Name = "solo-1", Cloud = "solo", StorageGiB = 1 }]);
        await Lab.DownAsync(Name, SharedLab.Paths, Token);
        try
        {
            var labs = await Task.WhenAll(((LabPaths[])[SharedLab.Paths, other]).Select(paths => Lab.UpAsync(definition, paths, new IgnoredProgress(), cancellationToken: Token)));
            Assert.NotEqual(
                await labs[0].Hosts[0].RunOrThrowAsync(["cat", "/etc/machine-id"], cancellationToken: Token),
                await labs[1].Hosts[0].RunOrThrowAsync(["cat", "/etc/machine-id"], cancellationToken: Token));
            await labs[0].Hosts[0].FreezeAsync(FaultTarget.Host, Token);
            Assert.Equal(HostPower.On, (await labs[1].Hosts[0].GetStatusAsync(Token)).Power);
            await Lab.DownAsync(Name, SharedLab.Paths, Token);
            Assert.True(labs[1].Hosts[0].IsOn);
        }
        finally
        {
            await Lab.DownAsync(Name, SharedLab.Paths, CancellationToken.None);
            await Lab.DownAsync(Name, other, CancellationToken.None);
            Assert.Empty(Traces.Of(Name, other));
            Directory.Delete(other.Root, recursive: true);
        }
    }

    [LabFact]
    public async Task Started_by_two_at_once_a_host_boots_once()
    {
        const string Name = "lab-starters";
        await Lab.DownAsync(Name, SharedLab.Paths, Token);
        var lab = await Lab.UpAsync(new LabDefinition(Name, [new HostDefinition { Name = "solo-1", Cloud = "solo", StorageGiB = 1 }]), SharedLab.Paths, new IgnoredProgress(), cancellationToken: Token);
        var host = lab.Hosts[0];
        await host.KillAsync(FaultTarget.Host, Token);
        await Task.WhenAll(host.StartAsync(Token), host.StartAsync(Token));
        Assert.Single(ProcessTable.Read(), process => process.Depth == 3 && process.InnerId == 1 && process.Cgroups.Contains($"/{lab.Cgroup}/solo-1/", StringComparison.Ordinal));

        // Pulled while it boots, it is off.
        await host.KillAsync(FaultTarget.Host, Token);
        var starting = host.StartAsync(Token);
        await Eventually.TrueAsync(() => Task.FromResult(host.IsOn), "it boots");
        await host.KillAsync(FaultTarget.Host, Token);
        await starting;
        Assert.False(host.IsOn);
        await Lab.DownAsync(Name, SharedLab.Paths, Token);
    }

    [LabFact]
    public async Task Interrupted_up_takes_back_what_it_began()
    {
        const string Name = "lab-interrupted";
        await Lab.DownAsync(Name, SharedLab.Paths, Token);
        using var up = Process.Start(BlanketCommand.StartInfoOfTerminal(["lab", "up", Name, .. OneHost]))!;
        // At the first step, from which it is farthest to the end: on a busy machine this test hears of later ones late.
        Assert.Equal("lab: making namespaces", await up.StandardError.ReadLineAsync(Token));
        ProcessTable.Signal(up.Id, 2);
        var rest = await up.StandardError.ReadToEndAsync(Token);
        await up.WaitForExitAsync(Token);
        Assert.True(up.ExitCode == 130, $"exit code {up.ExitCode}: {rest}");
        Assert.Empty(Traces.Of(Name));
    }

    [LabFact]
    public async Task A_lab_goes_on_when_packages_change_and_says_what_did()
    {
        const string Name = "lab-changed";
        await Lab.DownAsync(Name, SharedLab.Paths, Token);
        var lab = await Lab.UpAsync(new LabDefinition(Name, [new HostDefinition { Name = "solo-1", Cloud = "solo", StorageGiB = 1 }]), SharedLab.Paths, new IgnoredProgress(), cancellationToken: Token);
        Assert.DoesNotContain("warning", (await BlanketCommand.RunAsync("lab", "status", Name)).Error, StringComparison.Ordinal);
        await lab.Hosts[0].RunOrThrowAsync(["sh", "-c", "echo kept > /root/kept"], cancellationToken: Token);

        // As if libc had been an older one when the lab came up, and busybox had come since.
        var record = Path.Combine(SharedLab.Paths.Lab(Name), "lab.json");
        var text = await File.ReadAllTextAsync(record, Token);
        var changed = Regex.Replace(Regex.Replace(text, """("libc6:amd64": ")[^"]*""", "${1}0.1"), """\s*"busybox-static:amd64": "[^"]*",""", "");
        await File.WriteAllTextAsync(record, changed, Token);

        // Every verb goes on, and says what changed.
        var status = await BlanketCommand.RunAsync("lab", "status", Name);
        Assert.Contains("on", status.OutputOrThrow(), StringComparison.Ordinal);
        Assert.Contains($"the machine's packages changed since the lab '{Name}' came up", status.Error, StringComparison.Ordinal);
        Assert.Contains("busybox-static is new", status.Error, StringComparison.Ordinal);
        Assert.Contains("libc6 was 0.1 and is ", status.Error, StringComparison.Ordinal);
        var login = await BlanketCommand.RunAsync("lab", "ssh", "-l", Name, "solo-1", "--", "cat", "/root/kept");
        Assert.Equal("kept", login.OutputOrThrow());
        Assert.Contains("warning: the machine's packages changed", login.Error, StringComparison.Ordinal);

        // A host that is started again stands on what is there now, with its own files.
        lab = await Lab.OpenAsync(Name, SharedLab.Paths, Token);
        await lab.Hosts[0].KillAsync(FaultTarget.Host, Token);
        (await BlanketCommand.RunAsync("lab", "fault", "start", "-l", Name, "solo-1")).OutputOrThrow();
        Assert.Equal("kept", await lab.Hosts[0].RunOrThrowAsync(["cat", "/root/kept"], cancellationToken: Token));

        // One on which packages were installed would not fit what is below it.
        await lab.Hosts[0].RunOrThrowAsync(["sh", "-c", "echo >> /var/lib/dpkg/status; sync"], cancellationToken: Token);
        await lab.Hosts[0].KillAsync(FaultTarget.Host, Token);
        var refused = await BlanketCommand.RunAsync("lab", "fault", "start", "-l", Name, "solo-1");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("the host 'solo-1' can't be started: its own package database does not fit", refused.Error, StringComparison.Ordinal);
        Assert.Contains($"`blanket lab down {Name}`", refused.Error, StringComparison.Ordinal);

        (await BlanketCommand.RunAsync("lab", "down", Name)).OutputOrThrow();
        Assert.Empty(Traces.Of(Name));
    }

    [LabFact]
    public async Task A_lab_ends_with_its_owner()
    {
        const string Name = "lab-owned";
        await Lab.DownAsync(Name, SharedLab.Paths, Token);
        using var owner = Process.Start(new ProcessStartInfo("cat") { RedirectStandardInput = true })!;
        var up = BlanketCommand.StartInfo(["lab", "up", Name, .. OneHost]);
        up.Environment[LabPaths.OwnerVariable] = owner.Id.ToString(CultureInfo.InvariantCulture);
        (await BlanketCommand.RunAsync(up)).OutputOrThrow();
        var lab = await Lab.OpenAsync(Name, SharedLab.Paths, Token);
        // What is frozen ends, too.
        await lab.Hosts[0].FreezeAsync(FaultTarget.Host, Token);
        Assert.Contains(Traces.Of(Name), trace => trace.StartsWith("process ", StringComparison.Ordinal));

        owner.Kill();
        await AssertEndsAsync(Name, SharedLab.Paths);
        Assert.True(await Lab.DownAsync(Name, SharedLab.Paths, Token));
        Assert.Empty(Traces.Of(Name));

        // Who is no process can't own a lab.
        up.Environment[LabPaths.OwnerVariable] = "0";
        var refused = await BlanketCommand.RunAsync(up);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("BLANKET_LAB_OWNER is '0', which is no process", refused.Error, StringComparison.Ordinal);
        Assert.Empty(Traces.Of(Name));
    }

    [LabTheory]
    [InlineData(true)] // SIGKILL for who runs the test process
    [InlineData(false)] // SIGTERM for the test process itself, which .NET would answer by seeing the test to its end
    public async Task Test_processes_and_their_labs_end_when_the_run_is_ended(bool isRunKilled)
    {
        var folder = Directory.CreateTempSubdirectory("lab-run-").FullName;
        LabPaths paths = new(folder);
        try
        {
            // What is built into the cache is there already.
            Directory.CreateSymbolicLink(paths.Cache, SharedLab.Paths.Cache);
            // A shell in the place of `dotnet test`, which is the parent of test processes.
            ProcessStartInfo start = new("sh", ["-c", "\"$@\"; true", "sh", "dotnet", typeof(LifecycleTests).Assembly.Location, "-method", $"*.{nameof(Makes_a_lab_and_waits)}", "-explicit", "only"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment[LabPaths.Variable] = folder;
            start.Environment[LabOwner.BoundVariable] = "1";
            using var run = Process.Start(start)!;
            var output = run.StandardOutput.ReadToEndAsync(Token);
            await Eventually.TrueAsync(() => Task.FromResult(run.HasExited || File.Exists(Path.Combine(paths.Lab(WaitingName), "lab.json"))), "the test process has a lab");
            Assert.False(run.HasExited, $"it ended: {(run.HasExited ? await output : "")}");
            var tests = ProcessTable.Read().Single(process => process.ParentId == run.Id);

            if (isRunKilled)
            {
                run.Kill();
            }
            else
            {
                ProcessTable.Signal(tests.Id, Terminate);
            }

            await Eventually.TrueAsync(() => Task.FromResult(ProcessTable.Find(tests.Id) is null), "the test process ends");
            await AssertEndsAsync(WaitingName, paths);
        }
        finally
        {
            await Lab.DownAsync(WaitingName, paths, CancellationToken.None);
            Assert.Empty(Traces.Of(WaitingName, paths));
            File.Delete(paths.Cache);
            Directory.Delete(folder, recursive: true);
        }
    }

    // Run by the test above, in a process that is ended.
    [LabFact(Explicit = true)]
    public async Task Makes_a_lab_and_waits()
    {
        await Lab.UpAsync(new LabDefinition(WaitingName, [new HostDefinition { Name = "solo-1", Cloud = "solo", StorageGiB = 1 }]), SharedLab.Paths, new IgnoredProgress(), cancellationToken: Token);
        await Task.Delay(Timeout.Infinite, Token);
    }

    private static Task AssertEndsAsync(string name, LabPaths paths)
        => Eventually.TrueAsync(() => Task.FromResult(!Traces.Of(name, paths).Any(trace => trace.StartsWith("process ", StringComparison.Ordinal))), $"no process of {name} is left");

    [LabFact]
    public async Task Where_nspawn_cannot_run_there_is_one_error_and_nothing_stays()
    {
        const string Name = "lab-broken";
        var folder = Directory.CreateTempSubdirectory("lab-broken-").FullName;
        try
        {
            var nspawn = Path.Combine(folder, "systemd-nspawn");
            await File.WriteAllTextAsync(nspawn, "#!/bin/sh\necho 'Failed to clone(): Operation not permitted' >&2\nexit 1\n", Token);
            File.SetUnixFileMode(nspawn, HostFiles.Executable);
            var start = BlanketCommand.StartInfo(["lab", "up", Name, .. OneHost]);
            start.Environment["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}";
            var up = await BlanketCommand.RunAsync(start);
            Assert.Equal(2, up.ExitCode);
            Assert.Contains("the host 'solo-1' does not boot; systemd-nspawn said: Failed to clone(): Operation not permitted", up.Error, StringComparison.Ordinal);
            Assert.Empty(Traces.Of(Name));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
