using System.CommandLine;
using Pulumi.Blanket.Lab.Hosts;

namespace Pulumi.Blanket.Cli.Lab;

/// <summary><c>blanket lab fault …</c>: makes a host fail the way real ones do, and takes it back.</summary>
internal static class FaultCommand
{
    public static Command Create()
    {
        var lab = LabArguments.Lab();
        return new Command("fault", "Make a host fail the way real ones do, and take it back")
        {
            lab,
            OnTarget("kill", "Kill sshd, libvirtd, one QEMU or the whole host (SIGKILL)", lab, (host, target, token) => host.KillAsync(target, token)),
            OnTarget("freeze", "Stop it where it is: connections stay open, nothing answers", lab, (host, target, token) => host.FreezeAsync(target, token)),
            OnTarget("thaw", "Let it go on", lab, (host, target, token) => host.ThawAsync(target, token)),
            OnHost("start", "Boot a host that was killed", lab, (host, token) => host.StartAsync(token)),
            OnHost("reboot", "Pull the plug and boot again: processes die, disks stay", lab, (host, token) => host.RebootAsync(token)),
            FillDisk(lab),
            OnHost("free-disk", "Give the disk space back", lab, (host, token) => host.FreeDiskAsync(token)),
            OnHost("refuse-login", "sshd lets nobody in", lab, (host, token) => host.RefuseLoginAsync(token)),
            OnHost("allow-login", "sshd lets in again who has a key", lab, (host, token) => host.AllowLoginAsync(token)),
            OnHost("change-host-key", "Give sshd another host key", lab, (host, token) => host.ChangeHostKeyAsync(token)),
            OnHost("restore-host-key", "Give sshd its first host key back", lab, (host, token) => host.RestoreHostKeyAsync(token)),
            TakeAddress(lab),
            OnHost("restore-address", "Give a host its own address back", lab, (host, token) => host.RestoreAddressAsync(token)),
        };
    }

    private static Command OnHost(string verb, string description, Option<string?> lab, Func<LabHost, CancellationToken, Task> act)
    {
        var host = LabArguments.Host();
        Command command = new(verb, description) { host };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(lab), parsed.GetValue(host)!, (opened, target) => act(target, token), token));
        return command;
    }

    private static Command OnTarget(string verb, string description, Option<string?> lab, Func<LabHost, FaultTarget, CancellationToken, Task> act)
    {
        var host = LabArguments.Host();
        Argument<string> target = new("target") { Description = "sshd, libvirtd, qemu:DOMAIN or host" };
        Command command = new(verb, description) { host, target };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(lab), parsed.GetValue(host)!,
            (opened, machine) => act(machine, FaultTarget.Parse(parsed.GetValue(target)!), token), token));
        return command;
    }

    private static Command FillDisk(Option<string?> lab)
    {
        var host = LabArguments.Host();
        Option<int> leave = new("--leave") { Description = "MiB to leave free" };
        Command command = new("fill-disk", "Take up the host's free disk space") { host, leave };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(lab), parsed.GetValue(host)!,
            (opened, machine) => machine.FillDiskAsync(parsed.GetValue(leave), token), token));
        return command;
    }

    private static Command TakeAddress(Option<string?> lab)
    {
        var host = LabArguments.Host();
        var owner = LabArguments.Host("owner");
        Command command = new("take-address", "HOST answers at OWNER's address, and OWNER no longer does") { host, owner };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(lab), parsed.GetValue(host)!,
            (opened, machine) => machine.TakeAddressAsync(opened.Host(parsed.GetValue(owner)!), token), token));
        return command;
    }

    private static async Task<int> RunAsync(string? lab, string host, Func<Blanket.Lab.Lab, LabHost, Task> act, CancellationToken cancellationToken)
    {
        var opened = await LabArguments.OpenAsync(lab, cancellationToken);
        await act(opened, opened.Host(host));
        return ExitCodes.Success;
    }
}
