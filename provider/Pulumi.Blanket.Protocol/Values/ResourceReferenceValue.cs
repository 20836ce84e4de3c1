namespace Pulumi.Blanket.Protocol.Values;

/// <summary>A reference to another resource.</summary>
/// <param name="Id">The resource's id; null for a component, which has none. A <see cref="UnknownValue"/> while it is not known.</param>
/// <param name="PackageVersion">Version of the package that has the resource; may be empty.</param>
public sealed record ResourceReferenceValue(string Urn, PropertyValue? Id, string PackageVersion) : PropertyValue
{
    private protected override IEnumerable<PropertyValue> Children => Id is null ? [] : [Id];
}
