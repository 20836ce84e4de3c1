using System.Net;
using System.Net.Sockets;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions.Rules;

/// <summary>An IPv4 network in CIDR notation, with no bit set beyond its prefix.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class CidrAttribute : RuleAttribute
{
    public override string Requirement => "an IPv4 network such as 10.1.0.0/16, with no bit set beyond its prefix";

    // The parser clears bits beyond the prefix; written again, the network must be what was given.
    public override bool Allows(PropertyValue value)
        => value is StringValue { Text: var text } && IPNetwork.TryParse(text, out var network) && network.BaseAddress.AddressFamily == AddressFamily.InterNetwork
            && network.ToString() == text;
}
