using System.Text;
using Pulumi.Blanket.Agent.Networks;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>
/// The NoCloud seed of a machine (cloud-init's documentation, "NoCloud"): a volume labelled <c>cidata</c>, with what the user gave, and made from the leases
/// where the user gave nothing.
/// </summary>
internal static class Seed
{
    /// <summary>User data may hold passwords. libvirt gives the file to QEMU.</summary>
    private const UnixFileMode Mode = DurableFile.Private;

    public static string PathOf(string uuid) => $"{AgentPaths.Pool}/{uuid}-seed.iso";

    public static bool IsNeeded(MachineSpec spec) => spec.CloudInit is not null || spec.Nics.Count > 0;

    public static void Write(string uuid, MachineSpec spec, IReadOnlyList<Lease> leases, FabricFacts facts)
    {
        var image = Iso9660.Write("cidata",
        [
            ("meta-data", Encoding.UTF8.GetBytes(spec.CloudInit?.MetaData is { Length: > 0 } metaData ? metaData : MetaData(uuid, spec))),
            ("user-data", Encoding.UTF8.GetBytes(spec.CloudInit?.UserData is { Length: > 0 } userData ? userData : "#cloud-config\n{}\n")),
            ("network-config", Encoding.UTF8.GetBytes(spec.CloudInit?.NetworkConfig is { Length: > 0 } config ? config : NetworkConfig(leases, facts))),
        ], TimeProvider.System.GetUtcNow());
        DurableFile.Write(PathOf(uuid), image, Mode);
    }

    private static string MetaData(string uuid, MachineSpec spec) => ToText(Map(("instance-id", Text(uuid)), ("local-hostname", Text(spec.Name))));

    /// <summary>Version 2, which cloud-init hands to whatever sets up the guest's network; cards are known by their MAC.</summary>
    internal static string NetworkConfig(IReadOnlyList<Lease> leases, FabricFacts facts)
    {
        List<(string, YamlNode)> cards = [];
        for (var place = 0; place < leases.Count; place++)
        {
            var lease = leases[place];
            var network = NetworkChange.Find(facts, lease.Vni);
            List<(string, YamlNode)> card =
            [
                ("match", Map(("macaddress", Text(lease.Mac, ScalarStyle.DoubleQuoted)))),
                ("mtu", Text($"{network.Mtu}")),
                ("addresses", new YamlSequenceNode(Text($"{lease.Address}/{OverlayNetwork.PrefixLength(network)}"))),
            ];
            if (network.Services is { Dns: true } services)
            {
                card.Add(("nameservers", Map(("addresses", new YamlSequenceNode(Text(network.Gateway))), ("search", new YamlSequenceNode(Text(services.Domain))))));
            }

            if (place == 0)
            {
                // One way out is enough; two of the same weight would take turns.
                card.Add(("routes", new YamlSequenceNode(Map(("to", Text("0.0.0.0/0")), ("via", Text(network.Gateway))))));
            }

            cards.Add(($"card{place}", Map([.. card])));
        }

        return ToText(Map(("version", Text("2")), ("ethernets", Map([.. cards]))));
    }

    private static YamlMappingNode Map(params (string Key, YamlNode Value)[] entries) => new(entries.Select(entry => KeyValuePair.Create<YamlNode, YamlNode>(Text(entry.Key), entry.Value)));

    private static YamlScalarNode Text(string text, ScalarStyle style = ScalarStyle.Any) => new(text) { Style = style };

    private static string ToText(YamlNode root)
    {
        StringWriter writer = new();
        new YamlStream(new YamlDocument(root)).Save(writer, assignAnchors: false);
        return writer.ToString().Replace("...\r\n", "", StringComparison.Ordinal).Replace("...\n", "", StringComparison.Ordinal);
    }
}
