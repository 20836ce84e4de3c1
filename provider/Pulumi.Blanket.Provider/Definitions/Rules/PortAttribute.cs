namespace Pulumi.Blanket.Provider.Definitions.Rules;

/// <summary>A TCP or UDP port.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PortAttribute() : RangeAttribute(1, 65535)
{
    public override string Requirement => "a port, from 1 to 65535";

    public override bool FollowsType => false;
}
