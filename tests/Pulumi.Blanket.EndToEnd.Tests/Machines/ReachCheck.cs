using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>
/// Ways to a VM that a test has running on gcp-1, with nothing but the fabric's connection: its ports and its console. It ends the VM.
/// </summary>
internal sealed class ReachCheck(MachineLab lab, MachineStack machines, string name)
{
    private const string Get = "GET /status HTTP/1.1\r\nHost: vm\r\nConnection: close\r\n\r\n";

    private readonly string _id = machines.Stack[name].Id;

    public async Task RunAsync()
    {
        await TalksBothWaysAsync();
        await RefusesWhatItIsNotForAsync();
        await HasOneConsoleAsync();

        // One that does not run has neither ports nor a console.
        await using (var console = VmVerb.Start(lab, ByAws, "console", "--vm", _id))
        {
            await console.ReadUntilAsync($"blanket guest ready: {name}");
            await lab.Gcp.RunOrThrowAsync(["virsh", "destroy", _id]);
            var (code, _, errors) = await console.EndAsync();
            Assert.Equal((0, ""), (code, errors));
        }

        Assert.Contains($"{name} does not run (it is stopped)", await RefusalAsync(ByAws, "reach"), StringComparison.Ordinal);
        Assert.Contains($"{name} does not run (it is stopped)", await RefusalAsync(ByAws, "console"), StringComparison.Ordinal);
    }

    private async Task TalksBothWaysAsync()
    {
        foreach (var fabric in new[] { ByAws, ByGcp })
        {
            await using var way = VmVerb.Start(lab, fabric, "reach", "--vm", _id, "--port", "80");
            await way.SendAsync("GET /status HTTP/1.1\r\nHost: vm\r\n\r\n");
            await way.ReadUntilAsync($"\"hostname\":\"{name}\"");

            // It answers although there is nothing more to ask, and then both sides have ended it.
            await way.SendAsync(Get);
            way.EndInput();
            var (code, output, errors) = await way.EndAsync();
            Assert.Equal((0, "", 3), (code, errors, output.Split($"\"hostname\":\"{name}\"").Length));
        }

        // What is not read waits, and nothing is lost of it.
        await using var stream = VmVerb.Start(lab, ByAws, "reach", "--vm", _id, "--port", "80");
        await stream.SendAsync("GET /stream?intervalMs=1 HTTP/1.1\r\nHost: vm\r\n\r\n");
        await stream.ReadUntilAsync("\n300\n");
    }

    private async Task RefusesWhatItIsNotForAsync()
    {
        var address = machines.AddressOf(name);
        Assert.Contains($"nothing listens on port 81 of {name} ({address})", await RefusalAsync(ByAws, "reach", "--port", "81"), StringComparison.Ordinal);

        // Neither the gateway, which is the host, nor the host itself, nor what is beyond it.
        foreach (var other in new[] { "10.60.0.1", "127.0.0.1", lab.Aws.Address })
        {
            Assert.Contains($"{name} has no address '{other}'; it has {address}", await RefusalAsync(ByAws, "reach", "--address", other), StringComparison.Ordinal);
        }

        var unknown = Guid.NewGuid().ToString();
        Assert.Contains($"has no VM {unknown}", await VmVerb.RefusalAsync(lab, ByAws, "console", "--vm", unknown), StringComparison.Ordinal);
    }

    private async Task HasOneConsoleAsync()
    {
        await using var first = VmVerb.Start(lab, ByAws, "console", "--vm", _id);
        await first.ReadUntilAsync($"blanket guest ready: {name}");

        // The guest's terminal shows what is typed.
        await first.SendAsync("typed here\r");
        await first.ReadUntilAsync("typed here");
        Assert.Contains($"somebody has the console of {name} open", await RefusalAsync(ByGcp, "console"), StringComparison.Ordinal);

        await using (var second = VmVerb.Start(lab, ByGcp, "console", "--vm", _id, "--force"))
        {
            var (code, _, errors) = await first.EndAsync();
            Assert.Equal(1, code);
            Assert.Contains($"somebody else took the console of {name} over", errors, StringComparison.Ordinal);
            await second.SendAsync("typed there\r");
            await second.ReadUntilAsync("typed there");
            second.EndInput();
            var end = await second.EndAsync();
            Assert.Equal((0, ""), (end.ExitCode, end.Errors));
        }

        // On a terminal all keys are the guest's, but for the one that leaves.
        await using var terminal = VmVerb.StartOnTerminal(lab, ByAws, "console", "--vm", _id);
        Assert.Contains($"the console of {name}; Ctrl-] leaves it", await terminal.ReadUntilAsync($"blanket guest ready: {name}"), StringComparison.Ordinal);
        await terminal.SendAsync("\u0003typed at a terminal\r");
        await terminal.ReadUntilAsync("typed at a terminal");
        await terminal.SendAsync("\u001d");
        Assert.Equal(0, (await terminal.EndAsync()).ExitCode);
    }

    private Task<string> RefusalAsync(PropertyValue fabric, string verb, params string[] arguments) => VmVerb.RefusalAsync(lab, fabric, [verb, "--vm", _id, .. arguments]);

    private PropertyValue ByAws => By(lab.Aws);

    private PropertyValue ByGcp => By(lab.Gcp);

    /// <summary>The connection with one entry alone.</summary>
    private ObjectValue By(LabHost host)
    {
        var connection = (ObjectValue)lab.Fabric.Bare;
        var entries = ((ArrayValue)connection["entries"]!.Bare).Items;
        return connection.With("entries", new ArrayValue([entries.Single(entry => ((StringValue)((ObjectValue)entry.Bare)["address"]!.Bare).Text == host.Address)]));
    }
}
