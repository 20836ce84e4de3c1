using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions.Rules;

/// <summary>An IPv4 or IPv6 address.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class IpAddressAttribute : RuleAttribute
{
    public override string Requirement => "an IP address such as 10.0.0.5";

    public override bool Allows(PropertyValue value) => value is StringValue { Text: var text } && HostAddressAttribute.IsIpAddress(text);
}
