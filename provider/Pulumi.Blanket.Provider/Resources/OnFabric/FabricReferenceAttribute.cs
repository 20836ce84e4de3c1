using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;

namespace Pulumi.Blanket.Provider.Resources.OnFabric;

/// <summary>A fabric's connection; what it consists of is nobody's business but ours.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FabricReferenceAttribute : RuleAttribute
{
    public override string Requirement => "the `connection` of a Fabric";

    public override bool Allows(PropertyValue value) => true;
}
