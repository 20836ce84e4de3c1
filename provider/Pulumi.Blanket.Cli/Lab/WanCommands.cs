using System.CommandLine;

namespace Pulumi.Blanket.Cli.Lab;

/// <summary><c>blanket lab cut | heal HOST [PEER]</c> and <c>blanket lab rate HOST MBPS</c></summary>
internal static class WanCommands
{
    public static Command CreateCut() => CreatePair("cut", "Cut a host off, or two ends from each other", (lab, host, peer, token) => lab.CutAsync(host, peer, token));

    public static Command CreateHeal() => CreatePair("heal", "Take back a cut; without a peer, all of the host's", (lab, host, peer, token) => lab.HealAsync(host, peer, token));

    public static Command CreateRate()
    {
        var host = LabArguments.Host();
        Argument<int> rate = new("mbps") { Description = "Mbit/s, each way; 1 to 10000" };
        var lab = LabArguments.Lab();
        Command command = new("rate", "Set the rate of a host's link, while it runs") { host, rate, lab };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var opened = await LabArguments.OpenAsync(parsed.GetValue(lab), cancellationToken);
            await opened.SetRateAsync(parsed.GetValue(host)!, parsed.GetValue(rate), cancellationToken);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command CreatePair(string verb, string description, Func<Blanket.Lab.Lab, string, string?, CancellationToken, Task> change)
    {
        var host = LabArguments.Host();
        Argument<string?> peer = new("peer") { Description = "The other end: a host, or 'control' for the clients' network", Arity = ArgumentArity.ZeroOrOne };
        var lab = LabArguments.Lab();
        Command command = new(verb, description) { host, peer, lab };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var opened = await LabArguments.OpenAsync(parsed.GetValue(lab), cancellationToken);
            await change(opened, parsed.GetValue(host)!, parsed.GetValue(peer), cancellationToken);
            return ExitCodes.Success;
        });
        return command;
    }
}
