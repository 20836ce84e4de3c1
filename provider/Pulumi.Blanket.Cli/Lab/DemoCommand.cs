using System.CommandLine;
using System.Diagnostics;
using Pulumi.Blanket.Lab;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Lab;

/// <summary><c>blanket lab demo</c>: a running guest goes from cloud to cloud and back by libvirt's own means, and its client does not notice.</summary>
internal static class DemoCommand
{
    private const string LabName = "demo";

    public static Command Create()
    {
        Option<bool> keep = new("--keep") { Description = "Leave the lab up at the end" };
        Command command = new("demo", "Bring a lab up, move a running guest from cloud to cloud, show it, and take the lab down") { keep };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var paths = LabPaths.FromEnvironment();
            await Blanket.Lab.Lab.DownAsync(LabName, paths, cancellationToken); // what --keep, or a demo that was killed, left
            var watch = Stopwatch.StartNew();
            var lab = await UpProgress.RunAsync(Consoles.Error, progress => Blanket.Lab.Lab.UpAsync(LabDefinition.Default(LabName), paths, progress, cancellationToken: cancellationToken));
            try
            {
                Say($"three clouds are up after {watch.Elapsed.TotalSeconds:0.0} s");
                await MoveAsync(lab, cancellationToken);
            }
            finally
            {
                if (!parsed.GetValue(keep))
                {
                    await Blanket.Lab.Lab.DownAsync(LabName, paths, CancellationToken.None);
                    Say("the lab is gone again; `blanket lab up` makes one to play with");
                }
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task MoveAsync(Blanket.Lab.Lab lab, CancellationToken cancellationToken)
    {
        await GuestNetwork.JoinAsync(lab, cancellationToken);
        GuestDefinition definition = new()
        {
            Name = "traveller",
            Number = 1,
            Seed = new GuestSeed("traveller", $"{GuestNetwork.GuestAddress(1)}/{GuestNetwork.PrefixLength}"),
        };
        var watch = Stopwatch.StartNew();
        var guest = await LabGuest.StartAsync(lab, lab.Hosts[0], definition, cancellationToken);
        await guest.WaitUntilReadyAsync(cancellationToken);
        Say($"the guest '{guest.Name}' is ready on {guest.Host.Name} after {watch.Elapsed.TotalSeconds:0.0} s");

        using var client = lab.CreateHttpClient();
        await using GuestLines stream = new(client, definition);
        await stream.WaitForMoreAsync(cancellationToken: cancellationToken);
        await StatusCommand.ShowAsync(lab, cancellationToken);
        foreach (var target in (LabHost[])[lab.Hosts[1], lab.Hosts[0]])
        {
            var before = await guest.GetStatusAsync(client, cancellationToken);
            watch.Restart();
            await guest.MigrateAsync(target, cancellationToken);
            var seconds = watch.Elapsed.TotalSeconds;
            await stream.WaitForMoreAsync(cancellationToken: cancellationToken);
            var after = await guest.GetStatusAsync(client, cancellationToken);
            await StatusCommand.ShowAsync(lab, cancellationToken);
            Say($"moved to {target.Name} ({target.Definition.Cloud}) in {seconds:0.0} s: memory counter {before.MemoryCounter} -> {after.MemoryCounter}, disk counter {before.DiskCounter} -> {after.DiskCounter}");
        }

        Say($"its client got {stream.Last} numbered lines over one TCP connection, none missing; the longest pause was {stream.LongestGap.TotalMilliseconds:0} ms");
    }

    private static void Say(string text) => Consoles.Output.MarkupLineInterpolated($"[green]>[/] {text}");
}
