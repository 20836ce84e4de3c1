using System.Globalization;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Ssh;

namespace Pulumi.Blanket.Provider.Resources.Host;

/// <summary>What an import calls a host: <c>user@address:port</c>, of which the address alone is enough.</summary>
internal static class HostImportId
{
    /// <exception cref="ProviderException">It has another form.</exception>
    public static HostConnection Parse(string id, ProviderConfiguration configuration)
    {
        var (user, rest) = id.Split('@', 2) is [var before, var after] ? (before, after) : (null, id);
        var port = SshTarget.DefaultPort;
        var address = rest;
        if (rest.StartsWith('[') && rest.IndexOf(']') is > 0 and var end)
        {
            address = rest[1..end];
            port = Port(rest[(end + 1)..].TrimStart(':'), id);
        }
        else if (rest.Count(character => character == ':') == 1)
        {
            var colon = rest.IndexOf(':');
            address = rest[..colon];
            port = Port(rest[(colon + 1)..], id);
        }

        return address.Length > 0 && user is not ""
            ? new HostConnection { MachineId = "", Name = address, Address = address, Port = port, User = HostTargets.User(user, configuration) }
            : throw Malformed(id);
    }

    private static int Port(string text, string id)
        => text.Length == 0 ? SshTarget.DefaultPort
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535 ? port
            : throw Malformed(id);

    private static ProviderException Malformed(string id)
        => new(FailureReason.BadInput, $"'{id}' is no import id of a host; give user@address:port, or the address alone (root, port 22)");
}
