using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

/// <summary>Whether two lists of hosts mean the same members: the same machines, at the same addresses, with the same host keys.</summary>
internal static class HostListComparer
{
    private static readonly string[] Identity = ["machineId", "address", "hostKey"];

    public static bool AreSame(PropertyValue? old, PropertyValue? @new)
        => old is ArrayValue before && @new is ArrayValue after && Identities(before) is { } was && Identities(after) is { } @is && was.SetEquals(@is);

    // Null where something of it is not known.
    private static HashSet<(string?, string?, string?)>? Identities(ArrayValue hosts)
    {
        HashSet<(string?, string?, string?)> identities = [];
        foreach (var host in hosts.Items)
        {
            if (host.Bare is not ObjectValue known || Identity.Any(name => known[name]?.ContainsUnknown == true))
            {
                return null;
            }

            identities.Add((Text(known["machineId"]), Text(known["address"]), Text(known["hostKey"])));
        }

        return identities;
    }

    private static string? Text(PropertyValue? value) => (value?.Bare as StringValue)?.Text;
}
