using Pulumi.Blanket.Cli.Stacks;
using Pulumi.Blanket.Lab.Guests;

namespace Pulumi.Blanket.Cli.Lab;

/// <summary>The demo's second half: one word of the program is another, and a machine is in another cloud, while a client keeps talking to it.</summary>
internal static class DemoMove
{
    private const string Client = "onprem-1";
    private const string ClientAddress = "10.60.0.99/24";
    private const string MachineAddress = "10.60.0.11";
    private const string From = "host: aws-1";
    private const string To = "host: gcp-1";

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(Blanket.Lab.Lab lab, string folder, CancellationToken cancellationToken)
    {
        var program = Path.Combine(folder, "Pulumi.yaml");
        await File.WriteAllTextAsync(program, (await File.ReadAllTextAsync(program, cancellationToken)).Replace(From, To, StringComparison.Ordinal), cancellationToken);
        DemoCommand.Say($"web: {From}  ->  {To}");
        DemoCommand.Say("blanket preview");
        var code = await RunAsync(lab, folder, "preview");
        if (code != ExitCodes.Success)
        {
            return code;
        }

        var host = lab.Host(Client);
        var bridge = (await host.RunOrThrowAsync(["sh", "-c", "ls /sys/class/net | grep '^bk[0-9]'"], cancellationToken: cancellationToken)).Trim();
        await using var traffic = await SegmentTraffic.StartAsync(host, bridge, ClientAddress, MachineAddress);
        await traffic.FlowsAsync(cancellationToken);
        DemoCommand.Say($"a client in {Client} talks to web over one TCP connection, and pings it 50 times a second");
        var before = await traffic.ReadLinesAsync();
        DemoCommand.Say("blanket up --yes");
        code = await RunAsync(lab, folder, "up", "--yes", "--skip-preview");
        if (code != ExitCodes.Success)
        {
            return code;
        }

        await traffic.FlowsAsync(cancellationToken);
        var lines = await traffic.ReadLinesAsync();
        DemoCommand.Say($"the client saw {lines - before} more lines on the same connection, none missing and none twice; its longest time without an answer was {(await traffic.ReadSilencesAsync())[0]} ms");
        return code;
    }

    private static Task<int> RunAsync(Blanket.Lab.Lab lab, string folder, params string[] command)
        => PassThrough.RunAsync(lab.ControlCommand(folder, [Environment.ProcessPath!, .. command, "--stack", Workspace.FirstStack]));
}
