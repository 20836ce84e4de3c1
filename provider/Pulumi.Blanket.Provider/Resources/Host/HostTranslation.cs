using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Ssh;

namespace Pulumi.Blanket.Provider.Resources.Host;

/// <summary>Between the resource's records and the agent's messages.</summary>
internal static class HostTranslation
{
    public static HostSettings ToSettings(HostInputs inputs, string user)
    {
        HostSettings settings = new()
        {
            Name = inputs.Name ?? "",
            Cloud = inputs.Cloud ?? "",
            Region = inputs.Region ?? "",
            Zone = inputs.Zone ?? "",
            Layer = inputs.Layer switch { HostLayer.Kvm => Layer.Kvm, HostLayer.Qemu => Layer.Qemu, HostLayer.Xen => Layer.Xen, _ => Layer.Unspecified },
            Install = inputs.Install,
            Schedulable = inputs.Schedulable,
            MeshEndpoint = inputs.MeshEndpoint ?? "",
            PrivateAddress = inputs.PrivateAddress ?? "",
            Address = inputs.Address,
            Port = inputs.Port,
            User = user,
            Machine = inputs.Machine ?? "",
        };
        settings.Labels.Add(inputs.Labels?.ToDictionary() ?? []);
        if (inputs.PricePerHour is { } price)
        {
            settings.PricePerHour = price;
        }

        if (inputs.Limit is { } limit)
        {
            SetLimit(settings, limit);
        }

        if (inputs.Oversubscription is { } oversubscription)
        {
            settings.OversubscriptionCpu = oversubscription.Cpu;
            settings.OversubscriptionMemory = oversubscription.Memory;
            settings.OversubscriptionKsm = oversubscription.Ksm;
        }

        return settings;
    }

    /// <summary>The inputs that the host was adopted with. What the host does not know, such as credentials, is taken from those of the state.</summary>
    public static HostInputs ToInputs(HostSettings settings, HostInputs given) => given with
    {
        Name = settings.Name,
        Cloud = NullIfEmpty(settings.Cloud),
        Region = NullIfEmpty(settings.Region),
        Zone = NullIfEmpty(settings.Zone),
        Machine = NullIfEmpty(settings.Machine),
        Labels = settings.Labels.Count > 0 ? settings.Labels : given.Labels is { Count: 0 } ? given.Labels : null,
        PricePerHour = settings.HasPricePerHour ? settings.PricePerHour : null,
        Layer = settings.Layer switch { Layer.Kvm => HostLayer.Kvm, Layer.Qemu => HostLayer.Qemu, Layer.Xen => HostLayer.Xen, _ => HostLayer.Auto },
        Install = settings.Install,
        Schedulable = settings.Schedulable,
        Limit = settings.HasLimitVcpus || settings.HasLimitMemoryMib || settings.HasLimitStorageGib
            ? new HostLimit
            {
                Vcpus = settings.HasLimitVcpus ? settings.LimitVcpus : null,
                MemoryMiB = settings.HasLimitMemoryMib ? settings.LimitMemoryMib : null,
                StorageGiB = settings.HasLimitStorageGib ? settings.LimitStorageGib : null,
            }
            : given.Limit is { Vcpus: null, MemoryMiB: null, StorageGiB: null } ? given.Limit : null,
        Oversubscription = settings.HasOversubscriptionCpu
            ? new Oversubscription { Cpu = settings.OversubscriptionCpu, Memory = settings.OversubscriptionMemory, Ksm = settings.OversubscriptionKsm }
            : null,
        MeshEndpoint = NullIfEmpty(settings.MeshEndpoint),
        PrivateAddress = NullIfEmpty(settings.PrivateAddress),
    };

    public static HostOutputs ToOutputs(HostFacts facts, HostConnection connection) => new()
    {
        Connection = connection,
        ActiveLayer = NameOf(facts.ActiveLayer),
        Kvm = facts.KvmProof switch
        {
            KvmProof.Proven => "proved",
            KvmProof.Refused => $"runs no guest: {facts.KvmFault}",
            KvmProof.Unproven => $"could not be proved: {facts.KvmFault}",
            _ => null, // an agent older than this plugin
        },
        KvmExpected = facts.KvmProof == KvmProof.Unspecified ? null : facts.KvmExpected,
        HypervisorVersion = facts.HypervisorVersion,
        Capacity = ToCapacity(facts.Capacity),
        Cpu = new HostCpu { Vendor = facts.Cpu?.Vendor ?? "", Model = facts.Cpu?.Model ?? "", UsableModels = [.. facts.Cpu?.UsableModels ?? []] },
        Architecture = facts.Architecture,
        Capabilities = [.. facts.Capabilities],
        PinnedHostKey = connection.HostKey ?? "",
        Reachable = true,
        AgentVersion = facts.AdoptionComplete ? facts.AgentVersion : "",
    };

    /// <summary>With the keys of a way that were seen on it.</summary>
    public static HostConnection Pin(HostConnection connection, SshTarget seen) => connection with
    {
        HostKey = seen.HostKey,
        ProxyJump = connection.ProxyJump is null ? null : [.. connection.ProxyJump.Zip(seen.Jumps, static (jump, pinned) => jump with { HostKey = pinned.HostKey })],
    };

    public static HostCapacity ToCapacity(Capacity? capacity) => new() { Vcpus = capacity?.Vcpus ?? 0, MemoryMiB = capacity?.MemoryMib ?? 0, StorageGiB = capacity?.StorageGib ?? 0 };

    /// <summary>A layer as users write it; empty where none was settled on.</summary>
    public static string NameOf(Layer layer) => layer switch { Layer.Kvm => "kvm", Layer.Qemu => "qemu", Layer.Xen => "xen", _ => "" };

    private static void SetLimit(HostSettings settings, HostLimit limit)
    {
        if (limit.Vcpus is { } vcpus)
        {
            settings.LimitVcpus = vcpus;
        }

        if (limit.MemoryMiB is { } memory)
        {
            settings.LimitMemoryMib = memory;
        }

        if (limit.StorageGiB is { } storage)
        {
            settings.LimitStorageGib = storage;
        }
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
