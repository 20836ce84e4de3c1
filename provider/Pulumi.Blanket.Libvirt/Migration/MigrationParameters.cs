using System.Xml.Linq;
using Pulumi.Blanket.Libvirt.Parameters;

namespace Pulumi.Blanket.Libvirt.Migration;

/// <summary>Parameters of a migration; null leaves each to libvirt. Names from <c>VIR_MIGRATE_PARAM_*</c> in <c>include/libvirt/libvirt-domain.h</c>.</summary>
public sealed record MigrationParameters
{
    /// <summary>Where memory goes, such as <c>tcp://10.0.0.2</c>.</summary>
    public string? MigrateUri { get; init; }

    /// <summary>Where the target listens; without it on all its addresses.</summary>
    public string? ListenAddress { get; init; }

    /// <summary>Where disks go, such as <c>tcp://10.0.0.2:49200</c>.</summary>
    public string? DisksUri { get; init; }

    /// <summary>The port that the target listens on for disks; 0 or null: libvirt chooses.</summary>
    public int? DisksPort { get; init; }

    /// <summary>Targets of the disks to copy, such as <c>vda</c>; empty: all that can be written.</summary>
    public IReadOnlyList<string> Disks { get; init; } = [];

    /// <summary>Limits memory and each disk, in MiB per second.</summary>
    public ulong? BandwidthMiBps { get; init; }

    /// <summary>The limit in the post-copy phase, in MiB per second.</summary>
    public ulong? PostCopyBandwidthMiBps { get; init; }

    /// <summary>Another name for the domain at the target.</summary>
    public string? DestinationName { get; init; }

    /// <summary>Another definition for the running domain at the target; only what the guest can't see may differ.</summary>
    public XElement? DestinationXml { get; init; }

    /// <summary>Another definition to be kept at the target.</summary>
    public XElement? PersistentXml { get; init; }

    /// <summary>Methods, such as <c>xbzrle</c>; with <see cref="MigrationOptions.Compressed"/>.</summary>
    public IReadOnlyList<string> Compression { get; init; } = [];

    /// <summary>With <see cref="MigrationOptions.Parallel"/>; never together with <see cref="MigrationOptions.PostCopy"/>: QEMU 7.2 dies of it on both sides.</summary>
    public int? ParallelConnections { get; init; }

    /// <summary>In per cent, with <see cref="MigrationOptions.AutoConverge"/>.</summary>
    public int? AutoConvergeInitial { get; init; }

    /// <summary>In per cent, with <see cref="MigrationOptions.AutoConverge"/>.</summary>
    public int? AutoConvergeIncrement { get; init; }

    /// <summary>The same as libvirt takes it.</summary>
    public TypedParameters ToParameters()
    {
        List<TypedParameter> items = [];
        AddText("migrate_uri", MigrateUri);
        AddText("listen_address", ListenAddress);
        AddText("disks_uri", DisksUri);
        AddInt("disks_port", DisksPort);
        items.AddRange(Disks.Select(disk => TypedParameter.Of("migrate_disks", disk)));
        AddULong("bandwidth", BandwidthMiBps);
        AddULong("bandwidth.postcopy", PostCopyBandwidthMiBps);
        AddText("destination_name", DestinationName);
        AddText("destination_xml", DestinationXml is null ? null : LibvirtXml.ToText(DestinationXml));
        AddText("persistent_xml", PersistentXml is null ? null : LibvirtXml.ToText(PersistentXml));
        items.AddRange(Compression.Select(method => TypedParameter.Of("compression", method)));
        AddInt("parallel.connections", ParallelConnections);
        AddInt("auto_converge.initial", AutoConvergeInitial);
        AddInt("auto_converge.increment", AutoConvergeIncrement);
        return new TypedParameters(items);

        void AddText(string name, string? value)
        {
            if (value is not null)
            {
                items.Add(TypedParameter.Of(name, value));
            }
        }

        void AddInt(string name, int? value)
        {
            if (value is { } number)
            {
                items.Add(TypedParameter.Of(name, number));
            }
        }

        void AddULong(string name, ulong? value)
        {
            if (value is { } number)
            {
                items.Add(TypedParameter.Of(name, number));
            }
        }
    }
}
