using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Tests.Engine;
using Pulumi.Blanket.Provider.Tests.Support;
using static Pulumi.Blanket.Provider.Tests.Support.Objects;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>Images: their bytes are what they are, wherever they come from, and what was cut is carried on.</summary>
public sealed class ImageTests : IDisposable
{
    private const string Type = ServedFabric.Image;
    private const string Url = "https://images.example.com/disk.qcow2";

    private static readonly string UrlHash = HashOf(Encoding.UTF8.GetBytes(Url));

    private readonly string _folder = Directory.CreateTempSubdirectory("images").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("https://images.example.com/disk.qcow2", null, "sha256", "needs")]
    [InlineData("ftp://images.example.com/disk.qcow2", null, "source", "https://")]
    [InlineData("https:///disk.qcow2", null, "source", "names a host")]
    [InlineData("/no/such/file", null, "source", "/no/such/file")]
    [InlineData("/proc", null, "source", "can't be read")]
    [InlineData("", null, "source", "not empty")]
    [InlineData("https://images.example.com/disk.qcow2", "AB", "sha256", "64 hexadecimal digits")]
    public async Task Each_fault_names_its_property_and_the_remedy(string source, string? sha256, string path, string reason)
    {
        await using var served = await ServedFabric.StartAsync();
        var program = Of(("fabric", served.Fabric.Connection), ("source", source));
        var fault = Assert.Single((await served.Engine.CheckAsync(Type, "disk", sha256 is null ? program : program.With("sha256", sha256))).Failures);
        Assert.Equal(path, fault.Property);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_files_hash_is_computed_and_one_that_is_given_has_to_be_its()
    {
        await using var served = await ServedFabric.StartAsync();
        var file = Write("disk.raw", [1, 2, 3]);
        var program = FromFile(served, file);
        Assert.Equal(HashOf([1, 2, 3]), Text((await served.Engine.CheckedAsync(Type, "disk", program))["sha256"]));
        await served.Engine.CheckedAsync(Type, "disk", program.With("sha256", HashOf([1, 2, 3])));
        var fault = Assert.Single((await served.Engine.CheckAsync(Type, "disk", program.With("sha256", HashOf([4])))).Failures);
        Assert.Equal("sha256", fault.Property);
        Assert.Contains(HashOf([1, 2, 3]), fault.Reason, StringComparison.Ordinal);

        // Read again as soon as it is another.
        Write("disk.raw", [1, 2, 3, 4]);
        Assert.Equal(HashOf([1, 2, 3, 4]), Text((await served.Engine.CheckedAsync(Type, "disk", program))["sha256"]));
    }

    [Fact]
    public async Task What_is_not_known_yet_is_no_fault()
    {
        await using var served = await ServedFabric.StartAsync();
        var inputs = await served.Engine.CheckedAsync(Type, "disk", FromFile(served, "").With("source", UnknownValue.Text));
        Assert.True(inputs["sha256"]!.ContainsUnknown);
        Assert.Equal(inputs, await served.Engine.CheckedAsync(Type, "disk", inputs));
        var preview = PropertyCodec.DecodeObject((await served.Engine.CreateAsync(Type, "disk", inputs, preview: true)).Properties);
        Assert.True(preview["sizeBytes"]!.ContainsUnknown);
    }

    [Fact]
    public async Task An_URL_is_downloaded_by_its_home()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "disk", FromUrl(served));
        Assert.Equal($"fab1/{UrlHash}", made.Id);
        Assert.Equal(Url.Length, ((NumberValue)made.State["sizeBytes"]!).Number);
        Assert.Equal(Url.Length * 2, ((NumberValue)made.State["virtualSizeBytes"]!).Number);
        Assert.True(served.Fabric["a"].Images.ContainsKey(UrlHash));
        Assert.NotNull(served.Fabric.Facts.Images[0].Stored);
        Assert.Contains("downloading: 1 of 4 MiB (25 %)", served.Progress);
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await served.DiffAsync(Type, "disk", made, FromUrl(served))).Changes);
        Assert.Equal(made.State, (await served.ReadAsync(Type, "disk", made)).State);
        await served.Engine.DeleteAsync(Type, "disk", made.Id, made.Inputs, made.State);
        Assert.Empty(served.Fabric.Facts.Images);
    }

    [Fact]
    public async Task An_upload_that_was_cut_is_carried_on_where_it_had_come_to()
    {
        await using var served = await ServedFabric.StartAsync();
        var bytes = RandomNumberGenerator.GetBytes(1_000_000);
        var program = FromFile(served, Write("disk.raw", bytes));
        var parts = 0;
        served.Fabric.Fault = method => method == "Part" && ++parts == 2 ? new RpcException(new Status(StatusCode.Unavailable, "cut")) : null;
        var inputs = await served.Engine.CheckedAsync(Type, "disk", program);
        var fault = await ServedFabric.FailureAsync(() => served.Engine.CreateAsync(Type, "disk", inputs));
        var partial = EngineSession.PartialFailure(fault)!;
        Assert.Equal($"fab1/{HashOf(bytes)}", partial.Id);
        var old = (partial.Id, inputs, PropertyCodec.DecodeObject(partial.Properties));
        Assert.Equal(["sizeBytes"], (await served.DiffAsync(Type, "disk", old, program)).Diffs);
        Assert.Equal(old.Id, (await served.ReadAsync(Type, "disk", old)).Id);

        var sent = served.Fabric["a"].Parts[HashOf(bytes)].Length;
        Assert.InRange(sent, 1, bytes.Length - 1);
        var done = await served.UpdateAsync(Type, "disk", old, program);
        Assert.Equal(bytes.Length, ((NumberValue)done.State["sizeBytes"]!).Number);
        Assert.Equal(bytes, served.Fabric["a"].Parts[HashOf(bytes)]);
    }

    [Fact]
    public async Task A_file_that_changed_after_it_was_checked_is_not_uploaded()
    {
        await using var served = await ServedFabric.StartAsync();
        var file = Write("disk.raw", [1, 2, 3]);
        var inputs = await served.Engine.CheckedAsync(Type, "disk", FromFile(served, file));
        Write("disk.raw", [1, 2, 3, 4]);
        var fault = await ServedFabric.FailureAsync(() => served.Engine.CreateAsync(Type, "disk", inputs));
        Assert.Equal(StatusCode.InvalidArgument, fault.StatusCode);
        Assert.DoesNotContain(served.Fabric.Calls, call => call.Method == "ImageAgent/Upload");
    }

    [Fact]
    public async Task Other_bytes_or_another_format_are_another_image_another_source_of_the_same_is_not()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "disk", FromUrl(served));
        var mirror = FromUrl(served).With("source", "https://mirror.example.com/disk.qcow2");
        var diff = await served.DiffAsync(Type, "disk", made, mirror);
        Assert.Equal(["source"], diff.Diffs);
        Assert.Empty(diff.Replaces);
        await served.UpdateAsync(Type, "disk", made, mirror);
        Assert.Single(served.Fabric.Calls, call => call.Method == "ImageAgent/Fetch");

        Assert.Equal(["sha256"], (await served.DiffAsync(Type, "disk", made, FromUrl(served).With("sha256", HashOf([1])))).Replaces);
        Assert.Equal(["format"], (await served.DiffAsync(Type, "disk", made, FromUrl(served).With("format", "raw"))).Replaces);
        Assert.False((await served.DiffAsync(Type, "disk", made, FromUrl(served).With("format", "raw"))).DeleteBeforeReplace);
    }

    [Fact]
    public async Task It_is_gone_when_the_registry_has_it_for_others_alone_or_its_home_has_no_copy()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "disk", FromUrl(served));
        served.Fabric["a"].Images.Clear();
        Assert.Equal("", (await served.ReadAsync(Type, "disk", made)).Id);

        made = await served.CreateAsync(Type, "disk", FromUrl(served));
        served.Fabric.Facts.Images[0].Owners[0] = "somebody else";
        served.Fabric.Facts.Images[0].Name = "theirs";
        await Task.Delay(TimeSpan.FromSeconds(2.1), TestContext.Current.CancellationToken);
        Assert.Equal("", (await served.ReadAsync(Type, "disk", made)).Id);

        // Two who have the same image: the words of one are no drift for the other.
        served.Fabric.Facts.Images[0].Owners.Add(EngineSession.UrnOf(Type, "disk"));
        Assert.Equal(made.Inputs, (await served.ReadAsync(Type, "disk", made)).Inputs);
    }

    [Fact]
    public async Task Where_its_home_is_silent_the_state_stays()
    {
        await using var served = await ServedFabric.StartAsync();
        served.Fabric.Facts.Primary = "id-of-c";
        var made = await served.CreateAsync(Type, "disk", FromUrl(served));
        served.Fabric["c"].IsSilent = true;
        Assert.Equal(made.State, (await served.ReadAsync(Type, "disk", made)).State);
        Assert.Contains(served.Told, text => text.Contains("host c:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_import_gives_no_diff_with_the_program_that_made_it()
    {
        await using var served = await ServedFabric.StartAsync();
        var file = Write("disk.raw", [1, 2, 3]);
        var program = FromFile(served, file).With("name", "disk");
        var made = await served.CreateAsync(Type, "disk", program);
        var imported = await served.ImportAsync(Type, "disk", "fab1/disk");
        Assert.Equal(made.Id, imported.Id);
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await served.DiffAsync(Type, "disk", imported, program)).Changes);
        Assert.Equal(made.Id, (await served.ReadAsync(Type, "disk", imported)).Id);
    }

    private static ObjectValue FromUrl(ServedFabric served) => Of(("fabric", served.Fabric.Connection), ("source", Url), ("sha256", UrlHash));

    private static ObjectValue FromFile(ServedFabric served, string file) => Of(("fabric", served.Fabric.Connection), ("source", file), ("format", "raw"));

    private static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static string? Text(PropertyValue? value) => (value?.Bare as StringValue)?.Text;
}
