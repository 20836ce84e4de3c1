using System.Collections.Concurrent;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>One host of a <see cref="FakeFabric"/>: what is on it, and how it behaves.</summary>
internal sealed class FakeMember(string name)
{
    public string Name { get; } = name;

    public string MachineId { get; } = $"id-of-{name}";

    /// <summary>Does not answer: neither who dials it nor the other members.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Can't be reached from where the plugin runs; the other members reach it.</summary>
    public bool IsCut { get; set; }

    public ConcurrentDictionary<string, MachineView> Machines { get; } = new();

    public ConcurrentDictionary<string, VolumeView> Volumes { get; } = new();

    public ConcurrentDictionary<string, StoredImage> Images { get; } = new();

    /// <summary>Bytes of images that an upload left behind.</summary>
    public ConcurrentDictionary<string, byte[]> Parts { get; } = new();
}
