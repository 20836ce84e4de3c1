using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Protocol;

namespace Pulumi.Blanket.EndToEnd.Tests;

/// <summary>Ways to a VM, whatever member it is on, with nothing but the fabric's connection: its ports and its console.</summary>
[Collection(nameof(MachineLab))]
public sealed class ReachTests(MachineLab lab)
{
    private const string Get = "GET /status HTTP/1.1\r\nHost: vm\r\nConnection: close\r\n\r\n";

    [LabFact]
    public async Task AVmIsReachedThroughAnyMember()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("far").With("host", "gcp-1");
        var id = (await machines.UpAsync("far", program)).Id;
        await machines.ReachAsync("far");
        await TalksBothWaysAsync(id);
        await RefusesWhatItIsNotForAsync(machines, id);
        await HasOneConsoleAsync(id);

        // One that does not run has neither ports nor a console.
        await using (var console = VmVerb.Start(lab, ByAws, "console", "--vm", id))
        {
            await console.ReadUntilAsync("blanket guest ready: far");
            await lab.Gcp.RunOrThrowAsync(["virsh", "destroy", id]);
            var (code, _, errors) = await console.EndAsync();
            Assert.Equal((0, ""), (code, errors));
        }

        Assert.Contains("far does not run (it is stopped)", await VmVerb.RefusalAsync(lab, ByAws, "reach", "--vm", id), StringComparison.Ordinal);
        Assert.Contains("far does not run (it is stopped)", await VmVerb.RefusalAsync(lab, ByAws, "console", "--vm", id), StringComparison.Ordinal);
        await machines.DeleteAsync("far");
        Assert.Contains($"has no VM {id}", await VmVerb.RefusalAsync(lab, ByAws, "reach", "--vm", id), StringComparison.Ordinal);
    }

    private async Task TalksBothWaysAsync(string id)
    {
        foreach (var fabric in new[] { ByAws, ByGcp })
        {
            await using var way = VmVerb.Start(lab, fabric, "reach", "--vm", id, "--port", "80");
            await way.SendAsync("GET /status HTTP/1.1\r\nHost: vm\r\n\r\n");
            await way.ReadUntilAsync("\"hostname\":\"far\"");

            // It answers although there is nothing more to ask, and then both sides have ended it.
            await way.SendAsync(Get);
            way.EndInput();
            var (code, output, errors) = await way.EndAsync();
            Assert.Equal((0, "", 3), (code, errors, output.Split("\"hostname\":\"far\"").Length));
        }

        // What is not read waits, and nothing is lost of it.
        await using var stream = VmVerb.Start(lab, ByAws, "reach", "--vm", id, "--port", "80");
        await stream.SendAsync("GET /stream?intervalMs=1 HTTP/1.1\r\nHost: vm\r\n\r\n");
        await stream.ReadUntilAsync("\n300\n");
    }

    private async Task RefusesWhatItIsNotForAsync(MachineStack machines, string id)
    {
        var address = machines.AddressOf("far");
        Assert.Contains($"nothing listens on port 81 of far ({address})", await VmVerb.RefusalAsync(lab, ByAws, "reach", "--vm", id, "--port", "81"), StringComparison.Ordinal);

        // Neither the gateway, which is the host, nor the host itself, nor what is beyond it.
        foreach (var other in new[] { "10.60.0.1", "127.0.0.1", lab.Aws.Address })
        {
            Assert.Contains($"far has no address '{other}'; it has {address}", await VmVerb.RefusalAsync(lab, ByAws, "reach", "--vm", id, "--address", other), StringComparison.Ordinal);
        }

        var unknown = Guid.NewGuid().ToString();
        Assert.Contains($"has no VM {unknown}", await VmVerb.RefusalAsync(lab, ByAws, "console", "--vm", unknown), StringComparison.Ordinal);
    }

    private async Task HasOneConsoleAsync(string id)
    {
        await using var first = VmVerb.Start(lab, ByAws, "console", "--vm", id);
        await first.ReadUntilAsync("blanket guest ready: far");

        // The guest's terminal shows what is typed.
        await first.SendAsync("typed here\r");
        await first.ReadUntilAsync("typed here");
        Assert.Contains("somebody has the console of far open", await VmVerb.RefusalAsync(lab, ByGcp, "console", "--vm", id), StringComparison.Ordinal);

        await using (var second = VmVerb.Start(lab, ByGcp, "console", "--vm", id, "--force"))
        {
            var (code, _, errors) = await first.EndAsync();
            Assert.Equal(1, code);
            Assert.Contains("somebody else took the console of far over", errors, StringComparison.Ordinal);
            await second.SendAsync("typed there\r");
            await second.ReadUntilAsync("typed there");
            second.EndInput();
            var end = await second.EndAsync();
            Assert.Equal((0, ""), (end.ExitCode, end.Errors));
        }
    }

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
