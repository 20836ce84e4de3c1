using System.Net;
using System.Net.Sockets;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions.Rules;

/// <summary>An IPv4 address in its usual form.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class Ipv4AddressAttribute : RuleAttribute
{
    public override string Requirement => "an IPv4 address such as 10.1.0.5";

    // The parser takes more forms, such as `10.5`; written again, the address must be what was given.
    public override bool Allows(PropertyValue value)
        => value is StringValue { Text: var text } && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text;
}
