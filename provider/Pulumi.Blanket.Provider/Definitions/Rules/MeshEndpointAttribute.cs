using System.Globalization;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions.Rules;

/// <summary>Where a host's mesh is dialled: an address, maybe with a port, or <c>none</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class MeshEndpointAttribute : RuleAttribute
{
    private const string None = "none";

    public override string Requirement => "'none', or an address, with a port where it is another one, such as 198.51.100.7:40000 or [2001:db8::7]:40000";

    public override bool Allows(PropertyValue value) => value is StringValue { Text: var text } && (text == None || IsEndpoint(text));

    private static bool IsEndpoint(string text)
    {
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            return end > 0 && text[1..end].Contains(':', StringComparison.Ordinal) && HostAddressAttribute.IsIpAddress(text[1..end]) && (end == text.Length - 1 || (text[end + 1] == ':' && IsPort(text[(end + 2)..])));
        }

        return text.Split(':') switch
        {
            [var address] => IsAddress(address),
            [var address, var port] => IsAddress(address) && IsPort(port),
            _ => HostAddressAttribute.IsIpAddress(text),
        };
    }

    private static bool IsAddress(string text) => HostAddressAttribute.IsIpAddress(text) || HostAddressAttribute.IsHostName(text);

    private static bool IsPort(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0;
}
