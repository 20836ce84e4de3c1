using System.Globalization;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Resources.Host;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

/// <summary>What all members of a fabric have in common, fixed when it is made. Pure.</summary>
internal sealed record FabricBaseline(Layer Layer, string Architecture, string CpuModel, string MachineType)
{
    /// <summary>QEMU's named models, the ones with most features first; those of one maker don't run on the other's processors.</summary>
    private static readonly string[] Preference =
    [
        "SapphireRapids", "EPYC-Genoa", "EPYC-Milan", "Icelake-Server-noTSX", "Icelake-Server", "EPYC-Rome", "Cascadelake-Server-noTSX", "Cascadelake-Server",
        "Skylake-Server-noTSX-IBRS", "Skylake-Server-IBRS", "Skylake-Server", "EPYC-IBPB", "EPYC", "Skylake-Client-noTSX-IBRS", "Skylake-Client-IBRS", "Skylake-Client",
        "Broadwell-noTSX-IBRS", "Broadwell-IBRS", "Broadwell", "Broadwell-noTSX", "Haswell-noTSX-IBRS", "Haswell-IBRS", "Haswell", "Haswell-noTSX", "IvyBridge-IBRS",
        "IvyBridge", "SandyBridge-IBRS", "SandyBridge", "Opteron_G5", "Opteron_G4", "Westmere-IBRS", "Westmere", "Nehalem-IBRS", "Nehalem", "Penryn", "Opteron_G3", "Conroe",
        "Opteron_G2", "Opteron_G1", "kvm64", "qemu64", "max",
        "neoverse-n1", "cortex-a76", "cortex-a72", "cortex-a57", "cortex-a53",
    ];

    /// <summary>What hosts have in common.</summary>
    /// <param name="hosts">At least one, each by the name that messages call it.</param>
    /// <exception cref="ProviderException">They have not enough in common; the message names the hosts.</exception>
    public static FabricBaseline Of(IReadOnlyList<(string Name, HostFacts Facts)> hosts, string? cpuModel, string? machineType)
    {
        Uniform(hosts, "layers", facts => HostTranslation.NameOf(facts.ActiveLayer), "give each host the same `layer` (qemu runs everywhere), or make a fabric of its own for each");
        Uniform(hosts, "architectures", facts => facts.Architecture, "a VM can't move between them; make a fabric of its own for each");
        var first = hosts[0].Facts;
        var models = hosts.Skip(1).Aggregate(first.Cpu.UsableModels.ToHashSet(StringComparer.Ordinal), (common, host) =>
        {
            common.IntersectWith(host.Facts.Cpu.UsableModels);
            return common;
        });
        var types = hosts.Skip(1).Aggregate(first.MachineTypes.ToHashSet(StringComparer.Ordinal), (common, host) =>
        {
            common.IntersectWith(host.Facts.MachineTypes);
            return common;
        });
        return new FabricBaseline(
            first.ActiveLayer, first.Architecture,
            cpuModel ?? Preference.FirstOrDefault(models.Contains) ?? models.Order(StringComparer.Ordinal).FirstOrDefault()
                ?? throw new ProviderException(FailureReason.Precondition, $"the hosts {Names(hosts)} have no CPU model in common that VMs could have on all of them; make a fabric of its own for each kind"),
            machineType ?? types.MaxBy(VersionOf)
                ?? throw new ProviderException(FailureReason.Precondition, $"the hosts {Names(hosts)} have no machine type in common: their versions of QEMU are too far apart; upgrade the older one"));
    }

    /// <summary>What a host lacks to be a member; empty where it lacks nothing.</summary>
    public IReadOnlyList<string> Lacking(HostFacts facts)
    {
        List<string> lacking = [];
        if (facts.ActiveLayer != Layer)
        {
            lacking.Add($"the layer {HostTranslation.NameOf(Layer)} (it has {HostTranslation.NameOf(facts.ActiveLayer)})");
        }

        if (facts.Architecture != Architecture)
        {
            lacking.Add($"the architecture {Architecture} (it has {facts.Architecture})");
        }

        if (!facts.Cpu.UsableModels.Contains(CpuModel))
        {
            lacking.Add($"the CPU model {CpuModel}");
        }

        if (!facts.MachineTypes.Contains(MachineType))
        {
            lacking.Add($"the machine type {MachineType} (its QEMU is {facts.HypervisorVersion})");
        }

        return lacking;
    }

    private static void Uniform(IReadOnlyList<(string Name, HostFacts Facts)> hosts, string what, Func<HostFacts, string> of, string remedy)
    {
        var kinds = hosts.GroupBy(host => of(host.Facts), host => host.Name).ToList();
        if (kinds.Count > 1)
        {
            throw new ProviderException(FailureReason.Precondition,
                $"the hosts have different {what}: {string.Join("; ", kinds.Select(kind => $"{(kind.Key.Length == 0 ? "none yet" : kind.Key)} on {string.Join(", ", kind)}"))}; {remedy}");
        }
    }

    private static string Names(IReadOnlyList<(string Name, HostFacts Facts)> hosts) => string.Join(", ", hosts.Select(host => host.Name));

    // pc-q35-7.2 is older than pc-q35-10.0
    private static (int Major, int Minor) VersionOf(string machineType)
    {
        var numbers = machineType[(machineType.LastIndexOf('-') + 1)..].Split('.');
        return numbers is [var major, var minor, ..] && int.TryParse(major, CultureInfo.InvariantCulture, out var first) && int.TryParse(minor, CultureInfo.InvariantCulture, out var second)
            ? (first, second)
            : (0, 0);
    }
}
