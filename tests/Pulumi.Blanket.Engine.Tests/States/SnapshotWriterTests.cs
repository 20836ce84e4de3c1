using System.Diagnostics;
using System.Text.Json.Nodes;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Engine.Tests.Support;

namespace Pulumi.Blanket.Engine.Tests.States;

/// <summary>A state on disk is always whole, and nobody goes on before theirs is there.</summary>
public sealed class SnapshotWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder["stack.json"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Many_writers_share_a_write_and_none_returns_before_its_own_is_on_disk()
    {
        var writes = 0;
        await using SnapshotWriter writer = new(Checkpoints(), new WholeFile(File, keepsOld: true, step => writes += step == "flush" ? 1 : 0));
        var reached = 0;
        await Task.WhenAll(Enumerable.Range(1, 500).Select(_ => Task.Run(async () =>
        {
            var mine = Interlocked.Increment(ref reached);
            await writer.WriteAsync(() => Numbered(Volatile.Read(ref reached)));
            Assert.True(NumberOnDisk() >= mine, $"{mine} returned, and {NumberOnDisk()} is on disk");
        }, TestContext.Current.CancellationToken)));
        Assert.Equal(500, NumberOnDisk());
        Assert.InRange(writes, 1, 400);
    }

    [Fact]
    public async Task Those_who_come_while_a_write_goes_on_share_the_next_and_the_last_is_asked()
    {
        using ManualResetEventSlim goOn = new();
        using ManualResetEventSlim began = new();
        var writes = 0;
        await using SnapshotWriter writer = new(Checkpoints(), new WholeFile(File, keepsOld: true, step =>
        {
            if (step == "flush")
            {
                writes++;
                began.Set();
                goOn.Wait();
            }
        }));
        List<int> asked = [];
        var first = writer.WriteAsync(() => Numbered(0));
        began.Wait(TestContext.Current.CancellationToken);
        var others = Enumerable.Range(1, 20).Select(number => writer.WriteAsync(() =>
        {
            asked.Add(number);
            return Numbered(number);
        })).ToArray();
        Assert.False(first.IsCompleted);
        goOn.Set();
        await Task.WhenAll([first, .. others]);
        Assert.Equal([20], asked);
        Assert.Equal(2, writes);
        Assert.Equal(20, NumberOnDisk());
    }

    [Theory]
    [InlineData("write")]
    [InlineData("flush")]
    [InlineData("replace")]
    public async Task A_step_that_fails_leaves_the_old_state_and_tells_all_who_wait(string failing)
    {
        var fails = false;
        await using SnapshotWriter writer = new(Checkpoints(), new WholeFile(File, keepsOld: true, step =>
        {
            if (fails && step == failing)
            {
                throw new IOException("No space left on device");
            }
        }));
        await writer.WriteAsync(() => Numbered(1));
        fails = true;
        foreach (var task in new[] { writer.WriteAsync(() => Numbered(2)), writer.WriteAsync(() => Numbered(3)) })
        {
            var fault = await Assert.ThrowsAsync<EngineException>(() => task);
            Assert.Equal(EngineFailure.Storage, fault.Reason);
            Assert.Contains(File, fault.Message, StringComparison.Ordinal);
            Assert.Contains("No space left on device", fault.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, NumberOnDisk());
        Assert.Equal(["stack.json"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
        fails = false;
        await writer.WriteAsync(() => Numbered(4));
        Assert.Equal(4, NumberOnDisk());
    }

    [Fact]
    public async Task What_the_engine_itself_throws_reaches_those_who_wait()
    {
        await using SnapshotWriter writer = new(Checkpoints(), new WholeFile(File, keepsOld: true));
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.WriteAsync(() => throw new InvalidOperationException("a bug")));
        await writer.WriteAsync(() => Numbered(1));
        Assert.Equal(1, NumberOnDisk());
    }

    [Fact]
    public async Task The_version_before_is_kept_and_nobody_else_may_read_either()
    {
        await using SnapshotWriter writer = new(Checkpoints(), new WholeFile(File, keepsOld: true));
        await writer.WriteAsync(() => Numbered(1));
        await writer.WriteAsync(() => Numbered(2));
        await writer.WriteAsync(() => Numbered(3));
        Assert.Equal(3, NumberOnDisk());
        Assert.Equal(2, NumberIn(File + ".bak"));
        foreach (var file in Directory.GetFiles(_folder.Path))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task A_reader_never_sees_half_a_state_nor_none()
    {
        await using SnapshotWriter writer = new(Checkpoints(), new WholeFile(File, keepsOld: true));
        await writer.WriteAsync(() => Numbered(1));
        using CancellationTokenSource stop = new();
        var reader = Task.Run(() =>
        {
            var seen = 0;
            while (!stop.IsCancellationRequested)
            {
                Assert.True(NumberOnDisk() >= seen);
                seen = NumberOnDisk();
            }
        }, TestContext.Current.CancellationToken);
        for (var number = 2; number < 200; number++)
        {
            var now = number;
            await writer.WriteAsync(() => Numbered(now));
        }

        await stop.CancelAsync();
        await reader;
    }

    [Fact]
    public async Task A_full_disk_leaves_the_old_state()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may mount a small file system");
        var mounted = Run("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", _folder.Path);
        Assert.SkipUnless(mounted == 0, "no file system may be mounted here");
        try
        {
            await using SnapshotWriter writer = new(Checkpoints(), new WholeFile(File, keepsOld: true));
            await writer.WriteAsync(() => Numbered(1));
            var fault = await Assert.ThrowsAsync<EngineException>(() => writer.WriteAsync(() => Numbered(2, new string('x', 1_000_000))));
            Assert.Equal(EngineFailure.Storage, fault.Reason);
            Assert.Contains(File, fault.Message, StringComparison.Ordinal);
            Assert.Equal(1, NumberOnDisk());
            await writer.WriteAsync(() => Numbered(3));
            Assert.Equal(3, NumberOnDisk());
        }
        finally
        {
            Run("umount", _folder.Path);
        }
    }

    [Fact]
    public async Task A_process_that_is_killed_while_it_writes_leaves_a_whole_state()
    {
        // Itself, told by a variable to write until it is killed.
        var self = Environment.ProcessPath!;
        await using (SnapshotWriter writer = new(Checkpoints(), new WholeFile(File, keepsOld: true)))
        {
            await writer.WriteAsync(() => Numbered(0));
        }

        for (var round = 0; round < 5; round++)
        {
            ProcessStartInfo start = new(self, ["-method", $"{typeof(SnapshotWriterTests).FullName}.{nameof(Writes_until_it_is_killed)}", "-explicit", "only"]) { RedirectStandardOutput = true };
            start.Environment["BLANKET_TEST_WRITES_TO"] = File;
            using var process = Process.Start(start)!;
            var before = NumberOnDisk();
            while (NumberOnDisk() < before + 20)
            {
                Assert.False(process.HasExited, "the writing process ended");
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            await Task.Delay(Random.Shared.Next(20), TestContext.Current.CancellationToken);
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(NumberOnDisk() >= before + 20);
            new CheckpointReader(TestSecrets.None).Read(await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken), File);
        }

        WholeFile file = new(File);
        file.DiscardLeftovers();
        Assert.Empty(Directory.GetFiles(_folder.Path, "*" + WholeFile.TemporarySuffix));
    }

    [Fact(Explicit = true)]
    public async Task Writes_until_it_is_killed()
    {
        var file = Environment.GetEnvironmentVariable("BLANKET_TEST_WRITES_TO");
        Assert.SkipWhen(file is null, "a part of another test");
        await using SnapshotWriter writer = new(Checkpoints(), new WholeFile(file, keepsOld: true));
        for (var number = NumberIn(file) + 1; ; number++)
        {
            var now = number;
            await writer.WriteAsync(() => Numbered(now, new string('x', 100_000)));
        }
    }

    private static CheckpointWriter Checkpoints() => new("organization/p/s", TestSecrets.Known);

    private static Snapshot Numbered(int number, string filling = "")
        => new() { Resources = [new ResourceState { Urn = "urn:pulumi:s::p::t::r", Type = "t", Id = number.ToString(System.Globalization.CultureInfo.InvariantCulture), ImportId = filling }] };

    private static int NumberIn(string file)
        => int.Parse(JsonNode.Parse(System.IO.File.ReadAllBytes(file))!["checkpoint"]!["latest"]!["resources"]![0]!["id"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private int NumberOnDisk() => NumberIn(File);
}
