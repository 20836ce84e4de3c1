using System.Collections.Concurrent;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>The serial consoles of machines here: what they said, and who has one open. libvirt gives each to one at a time.</summary>
internal sealed class MachineConsoles(HostLibvirt libvirt)
{
    private readonly ConcurrentDictionary<string, OpenConsole> _open = new(StringComparer.Ordinal);

    /// <param name="force">Takes it from whoever has it open.</param>
    /// <exception cref="AgentException">The machine does not run, or somebody has it open.</exception>
    public async Task<OpenConsole> OpenAsync(FoundMachine machine, bool force, CancellationToken cancellationToken)
    {
        var name = machine.Record.Spec.Name;
        if (!machine.IsActive)
        {
            throw new AgentException(AgentFault.NotPossible, $"{name} does not run (it is {MachineWords.Of(machine.State)}), and so it has no console; what it said last is in its console's log");
        }

        var client = await libvirt.GetAsync(cancellationToken);
        if (force && _open.TryGetValue(machine.Uuid, out var former))
        {
            await former.GiveUpAsync();
        }

        try
        {
            OpenConsole console = new(await client.OpenConsoleAsync(machine.Domain, force, cancellationToken), closed => _open.TryRemove(KeyValuePair.Create(machine.Uuid, closed)));
            _open[machine.Uuid] = console;
            return console;
        }
        catch (LibvirtException fault) when (!force && fault.Code is LibvirtErrorCode.OperationFailed)
        {
            throw new AgentException(AgentFault.NotPossible, $"somebody has the console of {name} open, here or by virsh; it can be taken over (`--force`)", fault);
        }
    }

    /// <summary>The end of what a machine said, by what virtlogd keeps of it.</summary>
    /// <param name="wholeLines">Leaves a line out whose beginning is not in it.</param>
    public static async Task<ReadOnlyMemory<byte>> ReadLogAsync(string fabricId, string uuid, int maxBytes, bool wholeLines, CancellationToken cancellationToken)
    {
        var path = MachineDomain.ConsoleLogOf(fabricId, uuid);
        if (!File.Exists(path))
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        await using FileStream log = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var count = (int)Math.Min(log.Length, maxBytes);
        log.Seek(-count, SeekOrigin.End);
        var isCut = log.Position > 0;
        var text = new byte[count];
        var read = text.AsMemory(0, await log.ReadAtLeastAsync(text, count, throwOnEndOfStream: false, cancellationToken));
        return wholeLines && isCut ? read[(read.Span.IndexOf((byte)'\n') + 1)..] : read;
    }
}
