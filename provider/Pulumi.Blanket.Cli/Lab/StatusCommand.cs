using System.CommandLine;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Network;
using Pulumi.Blanket.Lab.Requirements;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Lab;

/// <summary><c>blanket lab status [NAME]</c>: a table of hosts, links and guests.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        Argument<string?> name = new("name") { Description = "The lab's name (default: every lab)", Arity = ArgumentArity.ZeroOrOne };
        Command command = new("status", "Show hosts, links and guests") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var paths = LabPaths.FromEnvironment();
            LabRequirements.CheckMachine(new MachineFacts());
            if (parsed.GetValue(name) is { } one)
            {
                await ShowAsync(await LabArguments.OpenAsync(one, paths, cancellationToken), cancellationToken);
                return ExitCodes.Success;
            }

            var names = Blanket.Lab.Lab.Names(paths);
            if (names.Count == 0)
            {
                Consoles.Output.WriteLine("no lab is up; `blanket lab up` makes one");
            }

            foreach (var lab in names)
            {
                await ShowOrTellAsync(lab, paths, cancellationToken);
            }

            return ExitCodes.Success;
        });
        return command;
    }

    // One lab that is half made must not hide the others.
    private static async Task ShowOrTellAsync(string name, LabPaths paths, CancellationToken cancellationToken)
    {
        try
        {
            await ShowAsync(await LabArguments.OpenAsync(name, paths, cancellationToken), cancellationToken);
        }
        catch (LabException fault)
        {
            Consoles.Output.SayLine($"[yellow]{fault.Message}[/]");
        }
    }

    internal static async Task ShowAsync(Blanket.Lab.Lab lab, CancellationToken cancellationToken)
    {
        var statuses = await Task.WhenAll(lab.Hosts.Select(host => host.GetStatusAsync(cancellationToken)));
        var wan = lab.Wan;
        // Two lines per host, so that it fits into 80 columns; only the guests' column may be folded.
        var table = new Table().HorizontalBorder().Title($"lab [bold]{Markup.Escape(lab.Name)}[/]");
        foreach (var heading in (string[])["host", "cloud", "address", "link", "disk"])
        {
            table.AddColumn(heading, column => column.NoWrap().Padding(0, 0, 2, 0));
        }

        table.AddColumn("guests", column => column.Padding(0, 0));
        foreach (var (host, status) in lab.Hosts.Zip(statuses))
        {
            var power = status.Power switch { HostPower.On => "[green]on[/]", HostPower.Frozen => "[blue]frozen[/]", _ => "[red]off[/]" };
            table.AddRow(
                $"[bold]{host.Name}[/]\n{power}{(host.Definition.Bare ? " [grey](bare)[/]" : "")}",
                $"{host.Definition.Cloud}\n[grey]{host.Definition.Region}[/]",
                Address(host, wan),
                Link(host, wan),
                status.DiskUsedMiB is { } used ? $"{used} MiB\nof {host.Definition.StorageGiB} GiB" : $"{host.Definition.StorageGiB} GiB",
                Guests(host, status));
        }

        Consoles.Output.Write(table);
        foreach (var cut in wan.Cuts.Where(cut => cut.Peer is not null))
        {
            Consoles.Output.SayLine($"[red]cut[/] {cut}");
        }
    }

    private static string Address(LabHost host, WanState wan)
        => host.Address
            + (host.Definition.Behind is { } gateway ? $"\n[grey]behind {gateway}[/]" : "")
            + (wan.TakenAddresses.TryGetValue(host.Name, out var taker) ? $"\n[red]taken by {taker}[/]" : "");

    private static string Link(LabHost host, WanState wan)
        => wan.Cuts.Contains(new WanCut(host.Name)) ? "[red]cut[/]" : $"{wan.RatesMbps[host.Name]} Mbit/s";

    private static string Guests(LabHost host, HostStatus status) => status switch
    {
        { Power: not HostPower.On } => "",
        { Guests: null } => host.Definition.Bare ? "[grey]no libvirt[/]" : "[red]libvirt does not answer[/]",
        { Guests: [] } => "[grey]none[/]",
        _ => string.Join('\n', status.Guests.Select(guest => $"{Markup.Escape(guest.Name)} [{(guest.State == "running" ? "green" : "yellow")}]{Markup.Escape(guest.State)}[/]")),
    };
}
