using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Layers;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Storage;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Hosts;

/// <summary>Finds out what the host is and what guests could have on it.</summary>
internal sealed class HostInspector(HostStore store, HostLibvirt libvirt, FabricStore fabrics, IDamagedRecords records, LayerProof proof)
{
    private static readonly string[] Modes = ["live", "suspend", "cold"];

    private GuestFacts? _guests;
    private (string Path, DateTime Changed, string Version) _qemu = ("", default, "");

    /// <param name="use">How the test guest of KVM is dealt with; by default nobody waits for a slow one.</param>
    public async Task<HostFacts> InspectAsync(CancellationToken cancellationToken, ProofUse use = ProofUse.Glance)
    {
        var record = store.Record;
        var qemu = MachineFacts.Qemu;
        HostFacts facts = new()
        {
            MachineId = MachineFacts.MachineId,
            BootId = MachineFacts.BootId,
            Hostname = Environment.MachineName,
            Architecture = MachineFacts.Architecture,
            OperatingSystem = MachineFacts.OperatingSystem,
            AgentVersion = AgentVersion.Text,
            HypervisorVersion = qemu is null ? "" : await GetQemuVersionAsync(qemu, cancellationToken),
            Capacity = Available(fabrics.Current, record?.Settings),
            Cpu = MachineFacts.Cpu,
            CanInstall = PackagePlan.CanInstall,
            Adopted = record?.Settings,
            ActiveLayer = record?.ActiveLayer ?? Layer.Unspecified,
            AdoptionComplete = record?.Complete ?? false,
            FabricId = fabrics.Current?.FabricId ?? "",
        };
        facts.MissingPackages.AddRange(PackagePlan.Missing());
        facts.Owners.AddRange(record?.Owners ?? []);
        facts.DamagedRecords.AddRange(records.Damage);

        if (facts.AdoptionComplete)
        {
            facts.Damage.AddRange(await AdoptionDamage.FindAsync(libvirt, cancellationToken));
        }

        (facts.KvmProof, facts.KvmFault) = await proof.FindAsync(qemu, facts.HypervisorVersion, use, cancellationToken);
        facts.KvmExpected = MachineFacts.Virtualisation is not null || LayerProof.IsDeviceThere;
        facts.BestLayer = LayerChoice.Best(facts.KvmProof, facts.ActiveLayer);
        if (HostLibvirt.IsInstalled && qemu is not null)
        {
            await AddGuestFactsAsync(facts, qemu, cancellationToken);
        }

        return facts;
    }

    /// <summary>What VMs can be promised: what the machine has, within the limit; of its storage what is really free, and what was promised and is filled.</summary>
    public static Capacity Available(FabricFacts? facts, HostSettings? settings)
    {
        var capacity = MachineFacts.Capacity;
        capacity.StorageGib = PoolRoom.Of(facts).CapacityGib(facts?.Members.FirstOrDefault(static member => member.MachineId == MachineFacts.MachineId)?.Capacity?.StorageGib);
        return Limited(capacity, settings);
    }

    /// <summary>What a limit leaves of a machine.</summary>
    private static Capacity Limited(Capacity machine, HostSettings? settings) => settings is null ? machine : new Capacity
    {
        Vcpus = settings.HasLimitVcpus ? Math.Min(settings.LimitVcpus, machine.Vcpus) : machine.Vcpus,
        MemoryMib = settings.HasLimitMemoryMib ? Math.Min(settings.LimitMemoryMib, machine.MemoryMib) : machine.MemoryMib,
        StorageGib = settings.HasLimitStorageGib ? Math.Min(settings.LimitStorageGib, machine.StorageGib) : machine.StorageGib,
    };

    /// <summary>What guests of the host's layer can have. A libvirtd that does not answer leaves it unsaid.</summary>
    private async Task AddGuestFactsAsync(HostFacts facts, string qemu, CancellationToken cancellationToken)
    {
        var layer = facts.ActiveLayer == Layer.Unspecified ? facts.BestLayer : facts.ActiveLayer;
        try
        {
            var client = await libvirt.GetAsync(cancellationToken);
            facts.LibvirtVersion = (await client.GetLibraryVersionAsync(cancellationToken)).ToString();
            var subject = $"{facts.LibvirtVersion} {LayerProof.SubjectOf(qemu, facts.HypervisorVersion)} {layer}";
            if (_guests?.Subject != subject)
            {
                _guests = await AskAsync(client, subject, facts.Architecture, layer == Layer.Kvm ? "kvm" : "qemu", cancellationToken);
            }

            facts.MachineTypes.AddRange(_guests.MachineTypes);
            facts.Cpu.UsableModels.AddRange(_guests.CpuModels);
        }
        catch (Exception fault) when (fault is LibvirtException or AgentException)
        {
            return;
        }

        facts.Capabilities.AddRange(Modes);
        facts.Capabilities.AddRange(facts.BestLayer == Layer.Kvm ? ["kvm", "tcg"] : ["tcg"]);
    }

    /// <summary>The answers are hundreds of kilobytes of XML.</summary>
    private static async Task<GuestFacts> AskAsync(LibvirtClient client, string subject, string architecture, string virtualisation, CancellationToken cancellationToken)
    {
        var capabilities = await client.GetCapabilitiesAsync(cancellationToken);
        var domain = await client.GetDomainCapabilitiesAsync(architecture: architecture, domainType: virtualisation, cancellationToken: cancellationToken);
        return new GuestFacts(
            subject,
            [
                .. capabilities.Elements("guest")
                    .Where(guest => (string?)guest.Element("os_type") == "hvm")
                    .SelectMany(guest => guest.Elements("arch"))
                    .Where(arch => (string?)arch.Attribute("name") == architecture)
                    .SelectMany(arch => arch.Elements("machine"))
                    .Select(machine => machine.Value)
                    .Where(machine => machine.StartsWith("pc-q35-", StringComparison.Ordinal) || machine.StartsWith("virt-", StringComparison.Ordinal))
                    .Distinct().Order(StringComparer.Ordinal),
            ],
            [
                .. (domain.Element("cpu")?.Elements("mode") ?? [])
                    .Where(mode => (string?)mode.Attribute("name") == "custom")
                    .SelectMany(mode => mode.Elements("model"))
                    .Where(model => (string?)model.Attribute("usable") == "yes")
                    .Select(model => model.Value)
                    .Order(StringComparer.Ordinal),
            ]);
    }

    /// <summary>From QEMU itself: libvirt need not run, and remembers the one that it started with. Asked once for each file.</summary>
    private async Task<string> GetQemuVersionAsync(string qemu, CancellationToken cancellationToken)
    {
        var changed = File.GetLastWriteTimeUtc(qemu);
        if (_qemu.Path != qemu || _qemu.Changed != changed)
        {
            _qemu = (qemu, changed, await AskQemuVersionAsync(qemu, cancellationToken));
        }

        return _qemu.Version;
    }

    private static async Task<string> AskQemuVersionAsync(string qemu, CancellationToken cancellationToken)
    {
        // QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)
        var words = (await Command.RunOrThrowAsync(qemu, ["--version"], cancellationToken: cancellationToken)).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var at = Array.IndexOf(words, "version");
        return at >= 0 && at + 1 < words.Length ? words[at + 1] : "";
    }
}
