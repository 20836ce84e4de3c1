using System.Diagnostics;
using System.Globalization;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Tests.Support;
using Pulumi.Blanket.Files;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>The sandbox alone, by the verb that makes it: nothing has read the image before, and nothing of it is refused.</summary>
public sealed class SandboxTests : IDisposable
{
    private const string QemuImg = "/usr/bin/qemu-img";
    private const uint Account = 65520;

    private readonly ImageFiles _files = new();

    public void Dispose() => _files.Dispose();

    [LabFact]
    public async Task AnImageIsReadAndConverted()
    {
        var source = Given(_files.Make("sound.vmdk", "vmdk", "subformat=streamOptimized", sizeKiB: 32 << 10));
        var target = Given(_files.Write("target", ""));
        var watch = Stopwatch.StartNew();
        var info = await RunAsync(source, null, [QemuImg, "info", "--output=json", "-f", "vmdk", Sandbox.Source]);
        TestContext.Current.TestOutputHelper!.WriteLine($"info: {watch.ElapsedMilliseconds} ms");
        Assert.True(info.Succeeded, info.Error);
        Assert.Contains($"\"virtual-size\": {32 << 20}", info.Output, StringComparison.Ordinal);
        watch.Restart();
        var converted = await RunAsync(source, target, [QemuImg, "convert", "-f", "vmdk", "-O", "qcow2", Sandbox.Source, Sandbox.Target]);
        TestContext.Current.TestOutputHelper!.WriteLine($"convert: {watch.ElapsedMilliseconds} ms");
        Assert.True(converted.Succeeded, converted.Error);
        _files.Run("compare", "-f", "vmdk", "-F", "qcow2", source, target);
    }

    [LabFact]
    public async Task AFileOfTheHostIsNotThere()
    {
        var secret = _files.Write("secret", new string('s', 8 * 512));
        File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.OtherRead); // no matter who may read it
        foreach (var name in new[] { "/etc/shadow", "/etc/passwd", "/proc/self/environ", secret })
        {
            var source = Given(_files.Write("evil.vmdk", ImageFiles.FlatDescriptor(name)));
            var target = Given(_files.Write("target", ""));

            // Without the sandbox it is copied: the test would tell nothing otherwise.
            if (name == secret)
            {
                _files.Run("convert", "-f", "vmdk", "-O", "raw", source, _files.PathOf("stolen"));
                Assert.StartsWith("sss", await File.ReadAllTextAsync(_files.PathOf("stolen"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
            }

            var stolen = await RunAsync(source, target, [QemuImg, "convert", "-f", "vmdk", "-O", "raw", Sandbox.Source, Sandbox.Target]);
            Assert.False(stolen.Succeeded);
            Assert.Contains("No such file", stolen.Error, StringComparison.Ordinal);
            Assert.Equal(0, new FileInfo(target).Length);
        }
    }

    [LabFact]
    public async Task NothingElseIsThereAndNothingCanBeMade()
    {
        // find, in place of qemu-img: all that a program inside could open.
        var source = Given(_files.Write("source", "bytes"));
        var target = Given(_files.Write("target", ""));
        var all = await RunAsync(source, target, ["/usr/bin/find", "/", "-path", "/usr/lib*", "-prune", "-o", "-print"]);
        var seen = all.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Except(["/", "/usr", "/usr/bin", "/usr/bin/find", "/lib", "/lib64", "/etc", "/etc/ld.so.cache", Sandbox.Source, Sandbox.Target]);
        Assert.Empty(seen);
        Assert.Empty(all.Error);

        var made = await RunAsync(source, target, ["/usr/bin/touch", "/new"]);
        Assert.Contains("Read-only file system", made.Error, StringComparison.Ordinal);
        var changed = await RunAsync(source, target, ["/usr/bin/chmod", "777", Sandbox.Source]);
        Assert.Contains("Read-only file system", changed.Error, StringComparison.Ordinal);
        var whoAmI = await RunAsync(source, target, ["/usr/bin/id"]);
        Assert.Equal($"uid={Account} gid={Account} groups={Account}", whoAmI.Output.Trim());
    }

    [LabFact]
    public async Task ThereIsNoNetwork()
    {
        using System.Net.Sockets.TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        var target = Given(_files.Write("target", ""));
        var dialled = await RunAsync(null, target, [QemuImg, "info", $"nbd://127.0.0.1:{port}/x"]);
        Assert.False(dialled.Succeeded);
        Assert.Contains("socket", dialled.Error, StringComparison.OrdinalIgnoreCase);
        Assert.False(listener.Pending());
    }

    [LabFact]
    public async Task MemoryTimeAndSizeAreBounded()
    {
        var source = Given(_files.Make("large.vmdk", "vmdk", sizeKiB: 32 << 10));
        var target = Given(_files.Write("target", ""));
        string[] convert = [QemuImg, "convert", "-f", "vmdk", "-O", "qcow2", Sandbox.Source, Sandbox.Target];
        Assert.False((await RunAsync(source, target, convert, memoryBytes: 32 << 20)).Succeeded);
        var large = await RunAsync(source, target, convert, fileBytes: 128 << 10);
        Assert.True(large.ExitCode == 128 + 25 || large.Error.Contains("File too large", StringComparison.Ordinal), large.Error);
        Assert.InRange(new FileInfo(target).Length, 0, 128 << 10);

        // Without an end by itself.
        var watch = Stopwatch.StartNew();
        var endless = await RunAsync(source, target, ["/usr/bin/yes"], seconds: 1);
        Assert.InRange(endless.ExitCode, 128 + 9, 128 + 24);
        TestContext.Current.TestOutputHelper!.WriteLine($"1 s of processor time: ended after {watch.ElapsedMilliseconds} ms");
    }

    [LabFact]
    public async Task WhatTakesTooLongIsEndedAndLeavesNothing()
    {
        var fault = await Assert.ThrowsAsync<AgentException>(() => RunAsync(null, Given(_files.Write("target", "")), ["/usr/bin/sleep", "1000"], timeout: TimeSpan.FromSeconds(3)));
        Assert.Equal(AgentFault.Unavailable, fault.Fault);
        Assert.DoesNotContain(Directory.EnumerateDirectories("/proc"), folder => IsOf(folder, Account));
    }

    private static bool IsOf(string process, uint account)
    {
        try
        {
            return int.TryParse(Path.GetFileName(process), out _) && File.ReadLines($"{process}/status").Any(line => line.StartsWith($"Uid:\t{account}\t", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false; // it has just ended
        }
    }

    /// <summary>As the agent gives a file to the account.</summary>
    private static string Given(string path)
    {
        File.SetUnixFileMode(path, DurableFile.Private);
        FileOwner.Set(path, new FileOwner(Account, Account));
        return path;
    }

    private static Task<CommandOutcome> RunAsync(
        string? source, string? target, string[] command, long memoryBytes = SandboxLimits.DefaultMemoryBytes, long seconds = 60, long fileBytes = 1L << 30, TimeSpan? timeout = null)
        => Command.RunAsync(
            AgentProgram.Path,
            [
                Sandbox.Verb, "--account", Account.ToString(CultureInfo.InvariantCulture), "--memory", memoryBytes.ToString(CultureInfo.InvariantCulture),
                "--seconds", seconds.ToString(CultureInfo.InvariantCulture), "--file-size", fileBytes.ToString(CultureInfo.InvariantCulture),
                .. source is null ? Array.Empty<string>() : ["--source", source], .. target is null ? Array.Empty<string>() : ["--target", target], "--", .. command,
            ],
            timeout: timeout ?? TimeSpan.FromMinutes(2), mostOutputBytes: 1 << 20, cancellationToken: TestContext.Current.CancellationToken);
}
