using System.Diagnostics;
using Grpc.Core;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Tests.Engine;
using Pulumi.Blanket.Provider.Tests.Support;
using static Pulumi.Blanket.Provider.Tests.Support.Objects;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>An SshKey makes keys that OpenSSH reads, and keeps them secret.</summary>
public sealed class SshKeyTests
{
    private const string Type = "blanket:index:SshKey";

    [Theory]
    [InlineData("ed25519", "256")]
    [InlineData("rsa4096", "4096")]
    public async Task OpenSsh_reads_the_key(string algorithm, string bits)
    {
        await using var plugin = await PluginProcess.StartAsync();
        var (_, created) = await CreateAsync(plugin, Of(("algorithm", algorithm), ("name", "me@work")));
        var state = PropertyCodec.DecodeObject(created.Properties);
        var publicKey = Text(state["publicKey"]);
        var folder = Directory.CreateTempSubdirectory("blanket-test-");
        try
        {
            var file = Path.Combine(folder.FullName, "id");
            await File.WriteAllTextAsync(file, Text(state["privateKey"]), TestContext.Current.CancellationToken);
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
            Assert.Equal(publicKey.Split(' ')[..2], (await SshKeygenAsync("-y", "-f", file)).TrimEnd().Split(' ')[..2]);

            await File.WriteAllTextAsync(file + ".pub", publicKey, TestContext.Current.CancellationToken);
            var printed = (await SshKeygenAsync("-l", "-f", file + ".pub")).Split(' ');
            Assert.Equal([bits, created.Id, "me@work"], printed[..3]);

            // Signing needs the private half to fit the public one.
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "text"), "text", TestContext.Current.CancellationToken);
            await SshKeygenAsync("-Y", "sign", "-n", "test", "-f", file, Path.Combine(folder.FullName, "text"));
            await SshKeygenAsync(["-Y", "check-novalidate", "-n", "test", "-s", Path.Combine(folder.FullName, "text.sig")], input: "text");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_private_key_is_secret_and_stays_as_it_is()
    {
        await using var plugin = await PluginProcess.StartAsync(new() { Arguments = ["--logtostderr", "-v=9"] });
        var (inputs, created) = await CreateAsync(plugin, ObjectValue.Empty);
        var state = PropertyCodec.DecodeObject(created.Properties);
        Assert.IsType<SecretValue>(state["privateKey"]);
        Assert.Matches("^key-[0-9a-f]{7}$", Text(state["name"]));
        Assert.EndsWith(" " + Text(state["name"]), Text(state["publicKey"]));

        var read = await plugin.Engine.ReadAsync(Type, "key", created.Id, inputs, state);
        Assert.Equal(state, PropertyCodec.DecodeObject(read.Properties));

        var renamed = inputs.With("name", "other");
        var diff = await plugin.Engine.DiffAsync(Type, "key", created.Id, inputs, state, renamed);
        Assert.Equal(["name"], diff.Diffs);
        Assert.Empty(diff.Replaces);
        Assert.Equal(["privateKey"], diff.Stables);
        var previewed = PropertyCodec.DecodeObject((await plugin.Engine.UpdateAsync(Type, "key", created.Id, inputs, state, renamed, preview: true)).Properties);
        var updated = PropertyCodec.DecodeObject((await plugin.Engine.UpdateAsync(Type, "key", created.Id, inputs, state, renamed)).Properties);
        Assert.Equal(previewed, updated);
        Assert.Equal(state["privateKey"], updated["privateKey"]);
        Assert.EndsWith(" other", Text(updated["publicKey"]));

        await plugin.Engine.DeleteAsync(Type, "key", created.Id, inputs, state);
        var secret = Text(state["privateKey"]).Split('\n')[2];
        Assert.DoesNotContain(secret, plugin.Errors + string.Concat(plugin.Host.Logs.Select(log => log.Message)));
    }

    [Fact]
    public async Task Another_algorithm_is_another_key()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var (inputs, created) = await CreateAsync(plugin, ObjectValue.Empty);
        var diff = await plugin.Engine.DiffAsync(Type, "key", created.Id, inputs, PropertyCodec.DecodeObject(created.Properties), inputs.With("algorithm", "rsa4096"));

        Assert.Equal(["algorithm"], diff.Replaces);
        Assert.Equal(PropertyDiff.Types.Kind.UpdateReplace, diff.DetailedDiff["algorithm"].Kind);
    }

    [Fact]
    public async Task A_preview_makes_no_key()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var inputs = await plugin.Engine.CheckedAsync(Type, "key", Of(("algorithm", UnknownValue.Text)));
        var planned = PropertyCodec.DecodeObject((await plugin.Engine.CreateAsync(Type, "key", inputs, preview: true)).Properties);

        Assert.Equal(UnknownValue.Text, planned["publicKey"]);
        Assert.Equal(Secret(UnknownValue.Text), planned["privateKey"]);
    }

    [Fact]
    public async Task An_import_says_why_there_is_none()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var fault = await Assert.ThrowsAsync<RpcException>(() => plugin.Engine.ReadAsync(Type, "key", "SHA256:abc"));

        Assert.Equal(StatusCode.InvalidArgument, fault.StatusCode);
        Assert.StartsWith("the SshKey 'SHA256:abc' can't be imported", fault.Status.Detail);
    }

    private static async Task<(ObjectValue Inputs, CreateResponse Created)> CreateAsync(PluginProcess plugin, ObjectValue program)
    {
        var inputs = await plugin.Engine.CheckedAsync(Type, "key", program);
        return (inputs, await plugin.Engine.CreateAsync(Type, "key", inputs));
    }

    private static string Text(PropertyValue? value) => ((StringValue)value!.Bare).Text;

    private static Task<string> SshKeygenAsync(params string[] arguments) => SshKeygenAsync(arguments, input: "");

    private static async Task<string> SshKeygenAsync(string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo("ssh-keygen", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, errors);
        return output;
    }
}
