using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Tests.Engine;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>A host that fell back to software emulation though it has hardware for more: every preview says so, until the program accepts it.</summary>
public sealed class LayerWarningTests
{
    private const string Host = "blanket:index:Host";

    private static readonly ObjectValue Sound = ObjectValue.Empty.With("address", "192.0.2.1").With("name", "web");

    [Theory]
    [InlineData("auto", "qemu", "runs no guest: there is no /dev/kvm", true, "KVM runs no guest: there is no /dev/kvm. Enable nested virtualisation")]
    [InlineData(null, "qemu", "could not be proved: the test guest took longer than 10 s", true, "took longer than 10 s. Update it again when")]
    [InlineData("auto", "qemu", "proved", true, "though KVM runs guests on it")]
    [InlineData("qemu", "qemu", "runs no guest: there is no /dev/kvm", true, null)] // accepted
    [InlineData("auto", "qemu", "runs no guest: there is no /dev/kvm", false, null)] // no hardware for it
    [InlineData("auto", "kvm", "could not be proved: the test guest took longer than 10 s", true, null)]
    [InlineData("auto", "qemu", null, null, null)] // a state from before
    public async Task EveryPreviewWarnsUntilItIsAccepted(string? layer, string activeLayer, string? kvm, bool? expected, string? warning)
    {
        await using var plugin = await PluginProcess.StartAsync();
        var program = layer is null ? Sound : Sound.With("layer", layer);
        var old = await plugin.Engine.CheckedAsync(Host, "web", program);
        var state = old.With("agentVersion", Provider.PluginVersion.Current).With("pinnedHostKey", "").With("schemaVersion", 1).With("activeLayer", activeLayer);
        state = kvm is null ? state : state.With("kvm", kvm).With("kvmExpected", expected!.Value);

        var answer = await plugin.Engine.DiffAsync(Host, "web", "id", old, state, old);
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, answer.Changes);
        if (warning is null)
        {
            Assert.DoesNotContain(plugin.Host.Logs, message => message.Severity == LogSeverity.Warning);
            return;
        }

        // A slow machine may bring it after the answer.
        await Eventually.TrueAsync(() => Task.FromResult(!plugin.Host.Logs.IsEmpty), "it warns");
        var told = Assert.Single(plugin.Host.Logs, message => message.Severity == LogSeverity.Warning);
        Assert.Equal(EngineSession.UrnOf(Host, "web"), told.Urn);
        Assert.Contains("many times slower", told.Message, StringComparison.Ordinal);
        Assert.Contains(warning, told.Message, StringComparison.Ordinal);
        Assert.Contains("`layer: qemu`", told.Message, StringComparison.Ordinal);
    }
}
