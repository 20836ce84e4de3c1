using System.Text.Json;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Libvirt.Wire;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>The resource VirtualMachine, from the engine's side to a guest that answers over its network, and back.</summary>
[Collection(nameof(MachineLab))]
public sealed class VirtualMachineTests(MachineLab lab)
{
    private const string OwnAddress = "10.60.0.200";

    [LabFact]
    public async Task TheGuestsOwnAgentTellsItsAddresses()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = WithOwnAddress(machines);
        await machines.UpAsync("own", program);
        await HearAgentAsync(machines);
        Assert.Empty(await machines.PreviewAsync("own", program));
        await machines.DeleteAsync("own");
    }

    [LabFact]
    public async Task ASleepersClockIsSetWhenItGoesOn()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = WithOwnAddress(machines);
        await machines.UpAsync("own", program);
        var id = machines.Stack["own"].Id;

        // Paused before its agent is there, nobody sets its clock, and the user is told.
        await lab.Aws.RunOrThrowAsync(["virsh", "suspend", id]);
        await machines.UpAsync("own", program);
        Assert.Contains("own was paused and goes on; its clock may be late", machines.Stack.Warnings, StringComparison.Ordinal);

        // Its clock stands still while it is paused, and is set when it goes on.
        await HearAgentAsync(machines);
        await lab.Aws.RunOrThrowAsync(["sh", "-c", $"virsh suspend {id}; sleep 12"]);
        await machines.UpAsync("own", program);
        var answer = await lab.Aws.RunOrThrowAsync(["virsh", "qemu-agent-command", id, "--timeout", "20", """{"execute":"guest-get-time"}"""]);
        var clock = DateTimeOffset.FromUnixTimeMilliseconds(JsonDocument.Parse(answer).RootElement.GetProperty("return").GetInt64() / 1_000_000);
        Assert.InRange((DateTimeOffset.UtcNow - clock).TotalSeconds, -6, 6);
        Assert.Single(machines.Stack.Messages, message => message.Message.Contains("its clock may be late", StringComparison.Ordinal));
        await machines.DeleteAsync("own");
    }

    [LabFact]
    public async Task LivesFromCreateToDelete()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("web").With("host", "gcp-1").With("labels", ObjectValue.Empty.With("tier", "front"));
        Assert.Null(await machines.Stack.PreviewAsync("VirtualMachine", "web", program));
        var web = await machines.UpAsync("web", program);
        Assert.Equal(("gcp-1", "gcp-1", "running"), (web.Text("location"), web.Text("settledHost"), web.Text("state")));
        Assert.True(Guid.TryParse(web.Id, out _));
        var status = await machines.ReachAsync("web");
        Assert.Equal("web", status.Hostname);
        await Eventually.TrueAsync(
            async () => (await lab.Gcp.RunOrThrowAsync(["sh", "-c", $"cat /var/lib/blanket/*/consoles/{web.Id}.log"])).Contains("blanket guest ready: web", StringComparison.Ordinal),
            "what the guest says on its console is kept");
        Assert.Equal([machines.AddressOf("web")], status.Addresses);
        Assert.Contains($"<name>web-{web.Id[..8]}</name>", await machines.XmlAsync("web"), StringComparison.Ordinal);
        Assert.Empty(await machines.PreviewAsync("web", program));
        await machines.Stack.RefreshAsync("web");
        Assert.Empty(await machines.PreviewAsync("web", program));
        Assert.Equal(web.State, machines.Stack["web"].State);

        // Everything that can change in place does, and the guest does not notice.
        var changed = program.With("labels", ObjectValue.Empty.With("tier", "back")).With("autostart", false);
        Assert.Equal(["autostart", "labels.tier"], (await machines.PreviewAsync("web", changed)).Order(StringComparer.Ordinal));
        await machines.UpAsync("web", changed);
        Assert.Empty(await machines.PreviewAsync("web", changed));
        Assert.True((await machines.ReachAsync("web")).MemoryCounter > status.MemoryCounter);

        // It is reached through any member, until it ends.
        await new ReachCheck(lab, machines, "web").RunAsync();
        await machines.DeleteAsync("web");
    }

    /// <summary>A guest whose own configuration gives it an address that only its agent can tell of.</summary>
    private static ObjectValue WithOwnAddress(MachineStack machines) => machines.Program("own").With("host", "aws-1").With("cloudInit", ObjectValue.Empty.With("networkConfig", new SecretValue(
        $"version: 2\nethernets:\n  eth0:\n    addresses: [{OwnAddress}/24]\n")));

    private static Task HearAgentAsync(MachineStack machines) => Eventually.TrueAsync(async () =>
    {
        await machines.Stack.RefreshAsync("own");
        return ((ArrayValue)machines.Stack["own"]["addresses"]).Items.Contains((StringValue)OwnAddress);
    }, "the address that the user gave inside is told");
}
