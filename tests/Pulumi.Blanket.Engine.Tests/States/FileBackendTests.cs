using System.Collections.Immutable;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Engine.Tests.Support;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Tests.States;

/// <summary>The folder of states is the one that Pulumi has, and who holds a stack holds it alone.</summary>
public sealed class FileBackendTests : IDisposable
{
    private static readonly StackReference Dev = new("shop", "dev");

    private readonly TemporaryFolder _folder = new();
    private readonly FileBackend _backend;

    public FileBackendTests() => _backend = new FileBackend(_folder.Path, new FixedTime());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_stacks_files_are_where_Pulumi_has_them()
    {
        _backend.Create(Dev, TestSecrets.Known);
        using (_backend.Lock(Dev))
        {
            var file = Assert.Single(Directory.GetFiles(_folder[".pulumi/locks/organization/shop/dev"]));
            Assert.True(Guid.TryParse(Path.GetFileNameWithoutExtension(file), out _));
            var holder = JsonNode.Parse(File.ReadAllText(file))!;
            Assert.Equal(["pid", "username", "hostname", "timestamp"], holder.AsObject().Select(field => field.Key));
            Assert.Equal(Environment.ProcessId, holder["pid"]!.GetValue<int>());
            await using var writer = _backend.OpenWriter(Dev, TestSecrets.Known, null);
            await writer.WriteAsync(() => new Snapshot { Resources = [Resource("a")] });
        }

        _backend.AddHistory(Dev, new UpdateRecord("update", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(7), UpdateRecord.Succeeded, ImmutableSortedDictionary<string, int>.Empty.Add("create", 1))
        {
            Message = "why",
            ConfigJson = """{"shop:size":"3"}""",
        });
        Assert.Equal("version: 1\n", File.ReadAllText(_folder[".pulumi/meta.yaml"]));
        Assert.Equal(
            [
                ".pulumi/backups/shop/dev/dev.1777863721123456700.json",
                ".pulumi/history/shop/dev/dev-1777863721123456700.checkpoint.json",
                ".pulumi/history/shop/dev/dev-1777863721123456700.history.json",
                ".pulumi/meta.yaml",
                ".pulumi/stacks/shop/dev.json",
                ".pulumi/stacks/shop/dev.json.bak",
            ],
            Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder.Path, file)).Order(StringComparer.Ordinal));
        Assert.Equal(
            """{"kind":"update","startTime":0,"message":"why","environment":{},"config":{"shop:size":"3"},"result":"succeeded","endTime":7,"version":0,"resourceChanges":{"create":1}}""",
            File.ReadAllText(_folder[".pulumi/history/shop/dev/dev-1777863721123456700.history.json"]));
    }

    [Fact]
    public async Task What_was_kept_is_loaded()
    {
        _backend.Create(Dev, TestSecrets.Known);
        Assert.Empty(_backend.Load(Dev, TestSecrets.None).Snapshot.Resources);
        var resource = Resource("a") with { Inputs = ObjectValue.Empty.With("p", new SecretValue("hunter2")) };
        await using (var writer = _backend.OpenWriter(Dev, TestSecrets.Known, null))
        {
            await writer.WriteAsync(() => new Snapshot { Resources = [resource] });
        }

        var loaded = _backend.Load(Dev, TestSecrets.KnownSource);
        Assert.Equal(resource.Inputs, loaded.Snapshot.Resources[0].Inputs);
        Assert.Equal(TestSecrets.Salt, loaded.Secrets!.Salt);
        Assert.Equal(EngineFailure.Secrets, Assert.Throws<EngineException>(() => _backend.Load(Dev, TestSecrets.None)).Reason);
        Assert.Equal(EngineFailure.Secrets, Assert.Throws<EngineException>(() => _backend.Load(Dev, TestSecrets.Source("wrong"))).Reason);
    }

    [Fact]
    public async Task Stacks_are_listed_with_their_last_update_and_how_much_they_have()
    {
        Assert.Empty(_backend.List());
        _backend.Create(Dev, null);
        _backend.Create(new StackReference("shop", "prod.eu"), null);
        _backend.Create(new StackReference("other", "dev"), null);
        await using (var writer = _backend.OpenWriter(Dev, null, null))
        {
            await writer.WriteAsync(() => new Snapshot { Resources = [Resource("a"), Resource("b")] });
        }

        File.WriteAllText(_folder[".pulumi/stacks/shop/broken.json"], "{");
        using var held = _backend.Lock(Dev);
        Assert.Equal(
            ["organization/other/dev 0 False", "organization/shop/broken  False", "organization/shop/dev 2 True", "organization/shop/prod.eu 0 False"],
            _backend.List().Select(stack => $"{stack.Stack} {stack.ResourceCount} {stack.IsLocked}"));
        Assert.Equal(3, _backend.List("shop").Length);
        Assert.Equal(new FixedTime().GetUtcNow(), _backend.List("shop")[1].LastUpdate);
        Assert.Null(_backend.List("other")[0].LastUpdate);
    }

    [Fact]
    public void A_stack_that_is_there_is_not_made_again_and_one_that_is_not_is_not_loaded()
    {
        _backend.Create(Dev, null);
        Assert.Contains("already", Assert.Throws<EngineException>(() => _backend.Create(Dev, null)).Message, StringComparison.Ordinal);
        Assert.Equal(EngineFailure.NotFound, Assert.Throws<EngineException>(() => _backend.Load(new StackReference("shop", "prod"), TestSecrets.None)).Reason);
        Assert.Equal(EngineFailure.NotFound, Assert.Throws<EngineException>(() => new FileBackend(_folder["missing"]).Create(Dev, null)).Reason);
    }

    [Fact]
    public async Task A_stack_with_resources_is_removed_only_by_force_and_its_settings_only_when_asked()
    {
        _backend.Create(Dev, null);
        File.WriteAllText(_folder["Pulumi.dev.yaml"], "config: {}\n");
        await using (var writer = _backend.OpenWriter(Dev, null, null))
        {
            await writer.WriteAsync(() => new Snapshot { Resources = [Resource("a")] });
        }

        Assert.Contains("1 resources", Assert.Throws<EngineException>(() => _backend.Remove(Dev)).Message, StringComparison.Ordinal);
        Assert.True(_backend.Exists(Dev));
        _backend.Remove(Dev, force: true);
        Assert.False(_backend.Exists(Dev));
        Assert.True(File.Exists(_folder["Pulumi.dev.yaml"]));
        Assert.True(File.Exists(_folder[".pulumi/stacks/shop/dev.json.bak"]));
        Assert.Empty(_backend.List());
        _backend.Create(Dev, null);
        _backend.Remove(Dev, settingsFile: _folder["Pulumi.dev.yaml"]);
        Assert.False(File.Exists(_folder["Pulumi.dev.yaml"]));
    }

    [Theory]
    [InlineData(".gz")]
    [InlineData(".zst")]
    public async Task A_compressed_state_is_read_and_then_written_plain(string extension)
    {
        _backend.Create(Dev, null);
        var plain = _folder[".pulumi/stacks/shop/dev.json"];
        using (var stored = File.Create(plain + extension))
        using (Stream stream = extension == ".gz" ? new GZipStream(stored, CompressionLevel.Fastest) : new ZstdSharp.CompressionStream(stored))
        {
            stream.Write(new CheckpointWriter(Dev.FullName, null).Write(new Snapshot { Resources = [Resource("zipped")] }));
        }

        File.Delete(plain);
        var loaded = _backend.Load(Dev, TestSecrets.None);
        Assert.Equal(Resource("zipped").Urn, Assert.Single(loaded.Snapshot.Resources).Urn);
        Assert.Equal(1, _backend.List()[0].ResourceCount);
        await using var writer = _backend.OpenWriter(Dev, null, loaded);
        await writer.WriteAsync(() => loaded.Snapshot);
        Assert.Equal(["dev.json", $"dev.json{extension}.bak"], Directory.GetFiles(Path.GetDirectoryName(plain)!).Select(Path.GetFileName).Order());
        Assert.Single(_backend.List());
        await File.WriteAllTextAsync(plain + extension, "no such thing", TestContext.Current.CancellationToken);
        File.Delete(plain);
        Assert.Equal(EngineFailure.Storage, Assert.Throws<EngineException>(() => _backend.Load(Dev, TestSecrets.None)).Reason);
    }

    [Theory]
    [InlineData("version: 0\n", "`pulumi state upgrade`")]
    [InlineData("version: 2\n", "the layout '2'")]
    public void Another_layout_is_refused(string meta, string expected)
    {
        Directory.CreateDirectory(_folder[".pulumi"]);
        File.WriteAllText(_folder[".pulumi/meta.yaml"], meta);
        Assert.Contains(expected, Assert.Throws<EngineException>(() => _backend.List()).Message, StringComparison.Ordinal);
        Assert.Contains(expected, Assert.Throws<EngineException>(() => _backend.Create(Dev, null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void States_without_projects_are_refused()
    {
        Directory.CreateDirectory(_folder[".pulumi/stacks"]);
        File.WriteAllText(_folder[".pulumi/stacks/dev.json"], "{}");
        Assert.Contains("`pulumi state upgrade`", Assert.Throws<EngineException>(() => _backend.List()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_that_is_held_is_named_and_taken_away_by_cancel()
    {
        // A process of today would not have a lock of another day.
        FileBackend backend = new(_folder.Path);
        using var held = backend.Lock(Dev);
        var fault = Assert.Throws<EngineException>(() => backend.Lock(Dev));
        Assert.Equal(EngineFailure.Locked, fault.Reason);
        Assert.Contains($"{Environment.UserName}@", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"pid {Environment.ProcessId}) since {DateTime.UtcNow.Year}-", fault.Message, StringComparison.Ordinal);
        Assert.Contains(_folder[".pulumi/locks/organization/shop/dev"], fault.Message, StringComparison.Ordinal);
        Assert.Contains("`blanket cancel`", fault.Message, StringComparison.Ordinal);
        using (_backend.Lock(new StackReference("shop", "prod")))
        {
            // another stack is another lock
        }

        Assert.True(held.IsHeld);
        Assert.Equal(1, await _backend.CancelAsync(Dev, TestContext.Current.CancellationToken));
        Assert.False(held.IsHeld);
        Assert.Equal(0, await _backend.CancelAsync(Dev, TestContext.Current.CancellationToken));
        _backend.Lock(Dev).Dispose();
        Assert.Empty(Directory.GetFiles(_folder[".pulumi/locks/organization/shop/dev"]));
    }

    [Fact]
    public void A_lock_of_a_process_of_this_host_that_ended_is_taken_away_and_said()
    {
        using var process = Process.Start("true");
        process.WaitForExit();
        WriteLock(process.Id, Host, DateTimeOffset.UtcNow);
        List<string> notices = [];
        _backend.Lock(Dev, notices.Add).Dispose();
        Assert.Contains($"pid {process.Id}", Assert.Single(notices), StringComparison.Ordinal);
    }

    [Fact]
    public void A_lock_that_is_older_than_the_process_of_its_number_is_taken_away()
    {
        WriteLock(Environment.ProcessId, Host, DateTimeOffset.UtcNow.AddDays(-1));
        _backend.Lock(Dev).Dispose();
    }

    [Fact]
    public void A_lock_of_a_process_that_runs_or_of_another_host_or_that_nobody_can_read_stays()
    {
        using var process = Process.Start("sleep", "60");
        try
        {
            WriteLock(process.Id, Host, DateTimeOffset.UtcNow);
            Assert.Throws<EngineException>(() => _backend.Lock(Dev));
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }

        _backend.Lock(Dev).Dispose();
        WriteLock(process.Id, "another-host", DateTimeOffset.UtcNow);
        Assert.Contains("@another-host", Assert.Throws<EngineException>(() => _backend.Lock(Dev)).Message, StringComparison.Ordinal);
        File.WriteAllText(Directory.GetFiles(_folder[".pulumi/locks/organization/shop/dev"])[0], "{");
        Assert.Contains("an unknown process", Assert.Throws<EngineException>(() => _backend.Lock(Dev)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_who_want_a_stack_at_once_one_at_most_gets_it()
    {
        FileBackend backend = new(_folder.Path);
        for (var round = 0; round < 20; round++)
        {
            var held = 0;
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                try
                {
                    using var taken = backend.Lock(Dev);
                    Assert.Equal(1, Interlocked.Increment(ref held));
                    Thread.Sleep(2);
                    Interlocked.Decrement(ref held);
                }
                catch (EngineException fault) when (fault.Reason == EngineFailure.Locked)
                {
                    // somebody else has it
                }
            }, TestContext.Current.CancellationToken)));
        }

        backend.Lock(Dev).Dispose();
    }

    [Theory]
    [InlineData("dev", "organization/shop/dev")]
    [InlineData("organization/dev", "organization/shop/dev")]
    [InlineData("organization/other/dev", "organization/other/dev")]
    public void A_stacks_name_may_be_short(string text, string expected) => Assert.Equal(expected, StackReference.Parse(text, "shop").FullName);

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a b")]
    [InlineData("ü")]
    [InlineData("acme/dev")]
    [InlineData("organization/shop/dev/x")]
    [InlineData("organization/../dev")]
    public void A_name_that_is_none_is_refused(string text)
        => Assert.Equal(EngineFailure.InvalidInput, Assert.Throws<EngineException>(() => StackReference.Parse(text, "shop")).Reason);

    private static string Host => File.ReadAllText("/proc/sys/kernel/hostname").Trim();

    private static ResourceState Resource(string name) => new() { Urn = $"urn:pulumi:dev::shop::t:i:T::{name}", Type = "t:i:T", Custom = true };

    private void WriteLock(int pid, string host, DateTimeOffset time)
    {
        var folder = Directory.CreateDirectory(_folder[".pulumi/locks/organization/shop/dev"]).FullName;
        File.WriteAllBytes(Path.Combine(folder, $"{Guid.NewGuid()}.json"), Encoding.UTF8.GetBytes(
            new JsonObject { ["pid"] = pid, ["username"] = "someone", ["hostname"] = host, ["timestamp"] = time.ToString("O") }.ToJsonString()));
    }
}
