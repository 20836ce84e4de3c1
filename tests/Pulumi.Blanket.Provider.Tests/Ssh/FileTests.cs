using System.Security.Cryptography;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Provider.Ssh;

namespace Pulumi.Blanket.Provider.Tests.Ssh;

[Collection(nameof(SshLab))]
public sealed class FileTests(SshLab lab, ITestOutputHelper output)
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task An_upload_arrives_whole_with_its_mode_and_replaces_what_was_there()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        var connection = await connections.GetAsync(lab.Target(relay), Token);
        await connection.MakeDirectoryAsync("/root/upload", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, Token);
        await connection.MakeDirectoryAsync("/root/upload", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, Token);
        foreach (var size in (int[])[0, 1, 32 * 1024, 40 * 1024 * 1024 + 17])
        {
            var data = new byte[size];
            Random.Shared.NextBytes(data);
            long last = 0;
            var started = System.Diagnostics.Stopwatch.StartNew();
            await connection.UploadAsync(new MemoryStream(data), "/root/upload/program", Executable, new Direct(value => last = value), Token);
            output.WriteLine($"{size} bytes in {started.ElapsedMilliseconds} ms");
            Assert.Equal(size, last);
            Assert.StartsWith(Convert.ToHexStringLower(SHA256.HashData(data)), await lab.First.RunOrThrowAsync(["sha256sum", "/root/upload/program"], null, Token), StringComparison.Ordinal);
        }

        Assert.Equal("755", await lab.First.RunOrThrowAsync(["stat", "-c", "%a", "/root/upload/program"], null, Token));
        Assert.Equal("program", await lab.First.RunOrThrowAsync(["ls", "-A", "/root/upload"], null, Token));
        Assert.Equal(1, relay.Accepted);
        await connection.DeleteAsync("/root/upload/program", Token);
        await connection.DeleteAsync("/root/upload/program", Token);
        Assert.Equal("", await lab.First.RunOrThrowAsync(["ls", "-A", "/root/upload"], null, Token));
    }

    [LabFact]
    public async Task An_interrupted_upload_leaves_the_old_file_and_no_half()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        var connection = await connections.GetAsync(lab.Target(relay), Token);
        await lab.First.RunOrThrowAsync(["sh", "-c", "mkdir -p /root/cut && rm -rf /root/cut/* && echo old > /root/cut/program"], null, Token);
        using CancellationTokenSource cancel = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connection.UploadAsync(new Endless(), "/root/cut/program", Executable, new Direct(sent =>
        {
            if (sent > 5_000_000)
            {
                cancel.Cancel();
            }
        }), cancel.Token));
        Assert.Equal("old", await lab.First.RunOrThrowAsync(["cat", "/root/cut/program"], null, Token));
        Assert.Equal("program", await lab.First.RunOrThrowAsync(["ls", "-A", "/root/cut"], null, Token));

        var fault = await Assert.ThrowsAsync<SshException>(() => connection.UploadAsync(new Endless(), "/root/cut/program", Executable, new Direct(sent =>
        {
            if (sent > 5_000_000)
            {
                relay.Cut();
            }
        }), Token));
        Assert.Equal(SshFailure.ConnectionLost, fault.Failure);
        Assert.Equal("old", await lab.First.RunOrThrowAsync(["cat", "/root/cut/program"], null, Token));
    }

    [LabFact]
    public async Task A_full_disk_and_a_missing_folder_are_told()
    {
        await using var relay = lab.Relay(lab.Second);
        await using SshConnections connections = new();
        var connection = await connections.GetAsync(lab.Target(relay), Token);
        var fault = await Assert.ThrowsAsync<SshException>(() => connection.UploadAsync(new MemoryStream([1]), "/nowhere/program", Executable, null, Token));
        Assert.Equal(SshFailure.FileFailed, fault.Failure);
        Assert.Contains("/nowhere/program", fault.Message, StringComparison.Ordinal);

        await lab.Second.FillDiskAsync(2, Token);
        try
        {
            fault = await Assert.ThrowsAsync<SshException>(() => connection.UploadAsync(new MemoryStream(new byte[30_000_000]), "/root/program", Executable, null, Token));
            Assert.Equal(SshFailure.FileFailed, fault.Failure);
            Assert.Contains("disk", fault.Message, StringComparison.Ordinal);
        }
        finally
        {
            await lab.Second.FreeDiskAsync(Token);
        }

        Assert.DoesNotContain("program", await lab.Second.RunOrThrowAsync(["ls", "-A", "/root"], null, Token), StringComparison.Ordinal);
    }

    [LabFact]
    public async Task The_architecture_is_read_from_the_shell()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        var connection = await connections.GetAsync(lab.Target(relay), Token);
        Assert.Equal("x86_64", await connection.GetArchitectureAsync(Token));
        await lab.First.RunOrThrowAsync(["tee", "/root/short"], "abc", Token);
        Assert.Equal("abc"u8.ToArray(), await connection.ReadStartAsync("/root/short", 100, Token));
    }

    [LabFact]
    public async Task A_host_without_sftp_is_told_as_such()
    {
        var host = lab.Second;
        const string Servers = "/usr/lib/openssh/sftp-server /usr/lib/sftp-server";
        await host.RunOrThrowAsync(["sh", "-c", $"for f in {Servers}; do [ ! -e $f ] || mv $f $f.away; done"], null, Token);
        try
        {
            await using var relay = lab.Relay(host);
            await using SshConnections connections = new();
            var connection = await connections.GetAsync(lab.Target(relay), Token);
            var fault = await Assert.ThrowsAsync<SshException>(() => connection.GetArchitectureAsync(Token));
            Assert.Equal(SshFailure.NoSftp, fault.Failure);
        }
        finally
        {
            await host.RunOrThrowAsync(["sh", "-c", $"for f in {Servers}; do [ ! -L $f.away ] && [ ! -e $f.away ] || mv $f.away $f; done"], null, Token);
        }
    }

    private sealed class Direct(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }

    private sealed class Endless : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(buffer.Length);
    }
}
