using System.Net;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions.Rules;

/// <summary>An IP address, or a host name after RFC 1123.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class HostAddressAttribute : RuleAttribute
{
    public override string Requirement => "a host name or an IP address";

    public override bool Allows(PropertyValue value) => value is StringValue { Text: var text } && (IsIpAddress(text) || IsHostName(text));

    // The parser takes `1` and `0x7f.1` for IPv4 addresses too, which nobody means.
    internal static bool IsIpAddress(string text)
        => IPAddress.TryParse(text, out _) && (text.Contains(':', StringComparison.Ordinal) || text.Count(character => character == '.') == 3);

    internal static bool IsHostName(string text)
    {
        var name = text.EndsWith('.') ? text[..^1] : text;
        return name.Length is > 0 and <= 253 && !name.All(character => char.IsAsciiDigit(character) || character == '.')
            && name.Split('.').All(label => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-'
                && label.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_'));
    }
}
